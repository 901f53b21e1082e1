"""Wire shapes that several sources share, because sources do not know one another."""
