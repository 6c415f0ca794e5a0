"""What is heard: words become one cached audio file per distinct text, voice and language."""
