"""`make listen`: a recogniser writes down every whole prompt as the carrier gets it, and as the studio speaks it.

A tool for who works on the speech, outside what users import. The figures that it makes stand in docs/speech.md.
"""
