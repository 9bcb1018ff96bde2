"""Ultrafiltration and filtration: a sample is driven through the pores of a membrane."""
