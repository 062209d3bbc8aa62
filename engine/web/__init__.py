"""What our server does beside the pages: headers, cookies, and routes of its own."""
