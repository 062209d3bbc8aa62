"""Who lives in the demo: names, cities and languages of a made-up Indian retailer's customers.

Nobody in it can be reached: e-mail is at the domains that RFC 2606 reserves, and a phone number is
+91 followed by ten digits that begin with 00000. No Indian number begins with 0 (inside India 0
is the trunk prefix and 00 the international one), so none of them can ever be anybody's.
"""

from __future__ import annotations

from typing import NamedTuple

EMAIL_DOMAINS = ("example.com", "example.net", "example.org")
PHONE = "+9100000{:05d}"

WOMEN = (
    "Aaradhya", "Aditi", "Aishwarya", "Ananya", "Anjali", "Asha", "Bhavna", "Chitra", "Deepa",
    "Divya", "Farah", "Gauri", "Isha", "Jyoti", "Kavya", "Kiran", "Lakshmi", "Madhuri", "Meera",
    "Mitali", "Nandini", "Neha", "Nisha", "Pallavi", "Pooja", "Priya", "Radhika", "Rashmi", "Ritu",
    "Riya", "Sana", "Sangeeta", "Shreya", "Simran", "Sneha", "Sunita", "Swati", "Tanvi", "Usha",
    "Vidya", "Zoya",
)  # fmt: skip
MEN = (
    "Aakash", "Abhishek", "Aditya", "Ajay", "Amit", "Anil", "Arjun", "Arnav", "Ashok", "Bharat",
    "Chetan", "Deepak", "Dev", "Faisal", "Ganesh", "Gaurav", "Harish", "Imran", "Ishaan", "Karan",
    "Kunal", "Manish", "Mohan", "Naveen", "Nikhil", "Pranav", "Rahul", "Rajesh", "Rakesh", "Ravi",
    "Rohan", "Rohit", "Sanjay", "Sandeep", "Siddharth", "Suresh", "Tarun", "Varun", "Vijay",
    "Vikram", "Vivek", "Yash",
)  # fmt: skip

SURNAMES = {
    "north": (
        "Agarwal", "Ahuja", "Ansari", "Arora", "Bhatia", "Chauhan", "Chopra", "Gupta", "Jain",
        "Kapoor", "Khan", "Khanna", "Malhotra", "Mishra", "Pandey", "Saxena", "Sethi", "Sharma",
        "Singh", "Tiwari", "Verma", "Yadav",
    ),
    "west": (
        "D'Souza", "Desai", "Deshmukh", "Deshpande", "Fernandes", "Gaikwad", "Jadhav", "Joshi",
        "Kadam", "Kulkarni", "Mehta", "More", "Pandya", "Parekh", "Patel", "Patil", "Pawar", "Shah",
        "Shaikh", "Shinde", "Trivedi", "Vora",
    ),
    "south": (
        "Gowda", "Hegde", "Iyengar", "Iyer", "Krishnan", "Kurian", "Menon", "Mohammed", "Murthy",
        "Naidu", "Nair", "Narayanan", "Pillai", "Raghavan", "Raman", "Rao", "Reddy", "Shetty",
        "Subramanian", "Thomas", "Varghese", "Venkatesh",
    ),
    "east": (
        "Banerjee", "Bora", "Bose", "Chakraborty", "Chatterjee", "Das", "Dutta", "Ghosh", "Kumar",
        "Mahato", "Mitra", "Mohanty", "Mukherjee", "Nayak", "Patnaik", "Prasad", "Roy", "Sahu",
        "Sarkar", "Sen", "Sinha",
    ),
}  # fmt: skip


class City(NamedTuple):
    """A city, its share of the customers in percent, whose names it has, and its language."""

    name: str
    share: float
    region: str
    language: str


CITIES = (
    City("Mumbai", 13, "west", "Marathi"),
    City("Delhi", 12, "north", "Hindi"),
    City("Bengaluru", 12, "south", "Kannada"),
    City("Hyderabad", 8, "south", "Telugu"),
    City("Chennai", 7, "south", "Tamil"),
    City("Pune", 7, "west", "Marathi"),
    City("Kolkata", 6, "east", "Bengali"),
    City("Ahmedabad", 5, "west", "Gujarati"),
    City("Jaipur", 4, "north", "Hindi"),
    City("Lucknow", 3, "north", "Hindi"),
    City("Surat", 3, "west", "Gujarati"),
    City("Kochi", 2.5, "south", "Malayalam"),
    City("Indore", 2.5, "north", "Hindi"),
    City("Gurugram", 2, "north", "Hindi"),
    City("Noida", 2, "north", "Hindi"),
    City("Chandigarh", 2, "north", "Punjabi"),
    City("Nagpur", 2, "west", "Marathi"),
    City("Bhubaneswar", 1.5, "east", "Odia"),
    City("Coimbatore", 1.5, "south", "Tamil"),
    City("Patna", 1.5, "east", "Hindi"),
    City("Visakhapatnam", 1.5, "south", "Telugu"),
    City("Guwahati", 1, "east", "Assamese"),
)
