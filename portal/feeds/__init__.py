"""What other systems tell us, in one shape for imports, the API and the sample world; the ERP stays the source."""
