"""What is known of the site from earlier runs, and what is to be fetched next."""
