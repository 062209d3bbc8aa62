"""What people call fields, statuses of orders, well-known attributes and e-mail services."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STATUSES: Mapping[str, str] = MappingProxyType(
    {
        "cancelled": "cancelled|canceled|cancel|cancels|cancellation|cancellations|canceling|"
        "cancelling|cancelled orders|cancelled order|canceled order|canceled orders|cancelation",
        "refunded": "refunded|refund|refunds|refunding|got a refund|asked for a refund|"
        "had a refund|got refund|took a refund|received a refund|taken a refund|got refunds|"
        "refunded order|refunded orders|got refunded|taken refund|had refunds|"
        "got their money back|money back|took refund|received refunds|had a refunded order|"
        "been refunded|were refunded|claimed a refund",
        "pending": "pending|pending order|pending orders|unfulfilled",
        "completed": "completed|completed order|completed orders|successful|fulfilled|"
        "successful orders|successful order",
    },
)
FIELD_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "customer_id": "customer id|customer ids|customer number",
        "email": "email|emails|e mail|e mails|email address|email id|email ids|mail id|mail ids|"
        "e mail address|email addresses|e mail id|mail address|emailid|email on file|"
        "e mail on file",
        "phone": "phone|phones|phone number|phone numbers|mobile|mobile number|mobile no .|"
        "phone no .|mob no .|contact no .|ph no .|contact number|telephone|phone no|mobile no|"
        "phone nos|cell number|mobile numbers|contact numbers|telephone number|whatsapp number|"
        "contact no|cell phone|phone on file|ph no|mob no",
        "name": "name|names|named|first name|full name|surname|last name|customer name",
        "city": "city|cities|town|location|place of residence|home city|city of residence|citi",
        "country": "country|countries|nation",
        "gender": "gender|sex",
        "birth_date": "birth date on file|date of birth on file|known birthday|known birth date",
        "tags": "tag|tags|tagged|tagged as|tagged with|with the tag|labelled|labeled|label|"
        "marked as|tagged with the tag|having tag|flagged|flagged as|marked|with tag|"
        "tags include|carrying the tag",
    },
)
ATTRIBUTE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "loyalty_tier": "tier|loyalty tier|loyalty level|membership tier|tiers|membership level|"
        "membership|loyalty status|loyalty card|loyalty tiers|loyalty",
        "loyalty_points": "loyalty points|points|reward points|loyalty point|pts|points balance|"
        "loyalty pts|reward pts|loyalty points balance|loyalty balance|point balance|point",
        "preferred_language": "language|"
        "preferred language|preferred|speaks|speak|speaking|prefers|prefer|"
        "preferring|language preference|preferred lang|lang|prefers to speak|"
        "mother tongue|languages|language of choice|language is set to|talk in|preferred languages|"
        "prefer to speak|preference is|talks in",
        "newsletter": "newsletter|newsletters|newsletter preference|news letter|"
        "subscribed to the newsletter|"
        "newsletter subscribers|newsletter subscriber|subscribed to newsletter|subscribed|"
        "subscribed to our newsletter|get the newsletter|receive the newsletter|on the newsletter|"
        "signed up for the newsletter|opted in to the newsletter|opted into the newsletter|"
        "take the newsletter|newsletter signup|newsletter subscription|gets the newsletter|"
        "receives the newsletter|opted in for the newsletter|signed up to the newsletter|"
        "subscribe to the newsletter|subscribe to newsletter|subscribe to our newsletter|"
        "subscribing to the newsletter|opted in for newsletter|opted for newsletter|"
        "registered for the newsletter|joined the newsletter|the newsletter list|newsletter list|"
        "on the newsletter list|subscribed for newsletter|subscribed for the newsletter|"
        "newsletter readers|subscribers of the newsletter|newsletter turned on|newsletter enabled|"
        "opted in for our newsletter|getting the newsletter|receiving the newsletter|newsletter on|"
        "subscribers to the newsletter|newsletter opted in|subscribed the newsletter",
        "interests": "interests|interested in|interested|interest|interest in|into|keen on|likes|"
        "interests include|showing interest in|have interest in|an interest in|fond of|"
        "interested about|shown interest in|interest includes|having interest in|interest is|"
        "interested for|hobbies|interests are|with interest in|like|love|loves",
    },
)
"""Usual words for attributes that many shops have; they count where the catalogue has the name."""
DOMAINS: Mapping[str, str] = MappingProxyType(
    {
        "@gmail.com": "gmail|g mail|googlemail|google mail",
        "@yahoo.com": "yahoo|yahoo mail",
        "@hotmail.com": "hotmail",
        "@outlook.com": "outlook",
        "@rediffmail.com": "rediffmail|rediff",
        "@icloud.com": "icloud",
    },
)
"""What e-mail services are called, and how addresses there end."""
SEVERAL = frozenset({"@yahoo.com", "@hotmail.com", "@outlook.com"})
"""Of these, endings of services whose addresses may end in other ways: @yahoo.co.in."""
