"""The liquid in a tube in its rotor: chords along the field, menisci, and the calculator of a rotor."""
