"""Files as they are sent -> records of text: encodings, delimiters, spreadsheets, where the headings stand."""
