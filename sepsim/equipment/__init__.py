"""The equipment that a method works with, described by what its manual prints."""
