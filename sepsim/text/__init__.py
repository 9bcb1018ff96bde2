"""What users read and wrote: tables, sentences, quotations, files. No science."""
