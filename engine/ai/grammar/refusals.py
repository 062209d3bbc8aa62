"""Words that no rule can or may answer, and what can be asked instead."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "action": "Only a description of customers is read here; nothing is sent, changed or "
        "exported. Describe whom you look for, and go on from the segment.",
        "injection": "This is no description of customers. Only descriptions are read here, and "
        "nothing in them is carried out.",
        "prediction": "Nothing predicts what customers will do. Ask for what they did, such as: "
        "no orders in the last 90 days.",
        "ranking": "A rule holds no ranking: whether somebody is in it cannot depend on the "
        "others. Give a number, such as: spent over 50,000.",
        "vague": "This has no number to compare with. Give one, such as: spent over 5,000, or at "
        "least 3 orders in the last 6 months.",
        "unknown_fact": "The data does not hold this. Rules know profile fields, attributes, tags "
        "and orders.",
        "unrecorded": "Opened and clicked messages, visits and carts are not recorded. Orders are, "
        "such as: no orders in the last 30 days.",
        "festival": "The days of festivals and seasons are not known. Give dates, such as: between "
        "1 Oct 2025 and 31 Oct 2025.",
        "one_person": "Rules describe groups of customers. Look a single person up on the "
        "customers page.",
        "figure": "Only who is in an audience can be asked here, not figures about it.",
        "about": "“About” has no bounds. Give both, such as: between 4,500 and 5,500.",
        "place": "Only cities and countries that are in the data can be asked for.",
        "described": "Of what was bought, only category, SKU and channel are known.",
        "changes": "Rules do not compare one time with another. Ask for each, such as: spent over "
        "5,000 in the last 6 months.",
        "birthday": "Of birthdays, those in the next days can be asked for, such as: birthday in "
        "the next 14 days. Days of birth need a year, such as: born in 1990.",
        "of_one": "Of the first and the last order, only the time is known. Ask for orders in a "
        "stretch of time instead, such as: cancelled an order in the last 30 days.",
        "contradiction": "The words ask for something and for its contrary at once.",
        "rate": "Orders are counted over one stretch of time, not by week or month. Ask for a "
        "number, such as: at least 12 orders in the last 12 months.",
        "time_of_day": "Rules know days, not times of day, weekdays or seasons.",
        "language": "Only English is read here.",
        "open": "This leaves open who is meant. Say which customers there must be, and which not.",
        "sequence": "What came first cannot be asked, only what was ordered in a stretch of time, "
        "such as: bought Footwear in the last 60 days.",
        "lasting": "How long somebody went on ordering cannot be asked. Ask for orders in a "
        "stretch of time, such as: at least one order in the last 3 years.",
        "only": "“Only” asks that there is nothing else, which cannot be said exactly here. Ask "
        "for what they bought and what they did not.",
    },
)
ACTIONS = (
    "send|email them|mail them|message them|text them|call them|sms them|whatsapp them|send them|"
    "send an|send a|delete|remove all customers|erase|export|download|update|change their|upload|"
    "give discount|give them|give a discount|offer them|offer a|apply discount|apply a discount|"
    "schedule|launch|start a campaign|run a campaign|blast|notify|remind|unsubscribe|charge|"
    "refund them|add a tag|assign|set their|move them|merge|import|tag them|create a campaign|"
    "email all|mail all|message all|sms all|email everyone|mail everyone|message everyone|"
    "text everyone|call everyone|email every|call all|whatsapp all|write to|broadcast|push a|"
    "push notification|credit|reward them|upgrade|downgrade|mark them|block|ban|drop table|"
    "email the|mail the|wish them|invite|ring up|contact them|reach out to|email customers|"
    "mail customers|sms customers|increase their|reset|edit their|modify|archive|print|save|"
    "put everyone|put them|put all|put these|put those|"
    "anonymise|anonymize|purge|wipe|add points|give every|share their|"
    "post it"
)
INJECTIONS = (
    "find ( {|db .|ignore previous|ignore all|ignore the above|ignore your|ignore these|ignore any|"
    "ignore everything|disregard|system prompt|your instructions|previous instructions|"
    "prior instructions|jailbreak|api key|password|passwords|select *|drop|insert into|truncate|"
    "union select|delete from|alter table|exec|eval|script|javascript|developer mode|pretend|"
    "act as|you are now|override|secret|secrets|token|credentials|sudo|rm -rf|import os|"
    "os system|$where|mongodb|sql|database schema|schema|bypass|reveal|admin|root|instructions|"
    "prompt|forget everything|forget previous|forget all|select from|where 1|translate|base64|"
    "execute|shell|curl|hack|environment variables|env|config|repeat after me|say hello|roleplay|"
    "role play"
)
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "language": "ke|ki|ko|jo|hai|hain|wale|wali|wala|saare|sabhi|dikhao|nahi|nahin|aur|jinhone|"
        "chahiye|jinka|jinke|unko|kharida|mahine",
        "open": "with or without|whether or not|if or not|regardless of|irrespective of|"
        "no matter|including those|even those|including people|including customers|"
        "including anyone|even if|not all|not every|not everyone|not everybody|not each|"
        "including the ones|even the ones|even people|even customers",
        "only": "bought nothing but|ordered nothing but|purchased nothing but|nothing but|"
        "nothing except|nothing other than|nothing else|bought nothing except|"
        "ordered nothing except|no other",
        "prediction": "likely to|likely|unlikely|going to|predict|predicted|predicts|probability|"
        "churn|at risk|about to|will buy|will churn|will order|will purchase|might buy|"
        "might churn|will|propensity|expected to|chance of|chances of|probable|may churn|risk of|"
        "potential|future|forecast|would buy|would respond|respond to|intend to|planning to|"
        "willing to|ready to|thinking of|plan to|prone to|tend to|probably|churn risk|wont|won",
        "ranking": "ordered by|sorted by|sort by|order by|group by|grouped by|sorted|in order of|"
        "arranged by|ranked by|top|best|worst|bottom|highest|lowest|most valuable|most|"
        "percentile|percentiles|decile|quartile|ranked|rank|leading|biggest|largest|smallest|"
        "top spending|highest spending|most frequent|median|above average|below average|"
        "more than average|better than average|than average|than the average|than others|"
        "than most|richest|oldest|youngest|newest|earliest|most loyal|maximum number of|"
        "average customer|n most|top ten|top selling|best selling|most popular|popular|favourite|"
        "favorite|bestselling|least|most active|top 10|lookalike|look alike|similar to|resemble|"
        "resembling|outliers|majority|least active",
        "vague": "well|heavily|handsomely|"
        "big|recently|recent customers|loyal|young|old people|old customers|elderly|"
        "frequent|frequently|often|regular|regularly|regulars|high value|low value|heavy|light|"
        "large|small|good|bad|great|valuable|rich|wealthy|premium|important|special|lately|"
        "a while|a long time|long time|long|ages|few|a few|many orders|many times|a lot|lots|"
        "lot of|lots of|plenty|much|rarely|seldom|occasionally|occasional|sometimes|some time|"
        "sometime|several|high|low|huge|massive|expensive|cheap|decent|significant|substantial|"
        "considerable|middle aged|senior|seniors|senior citizens|teenagers|teens|kids only|"
        "adults|youth|youngsters|millennials|gen z|genz|boomers|big spenders|high spenders|"
        "low spenders|heavy buyers|hardly|barely|soon|some days|few days|few months|few weeks|"
        "a few months|a few days|some months|couple more|early|late|newer|younger|older|fresh|"
        "constantly|consistently|always|whales|vips like|bargain|budget|price sensitive|bulk|"
        "whale|infrequent|infrequently|engaged|disengaged|steady|serious|casual|potentially|"
        "enough|proper|hefty|sizeable|sizable|quite|very|pretty|mostly|mainly|generous|stingy|"
        "many|high spending|low spending|max spending|little|tiny|handful|numerous|countless|"
        "dozens|long back|long ago|a long while|decently|of late",
        "unknown_fact": "same|the same|same day|same product|same item|the same product|"
        "the same item|income|salary|religion|hindu|muslim|christian|sikh|caste|weather|married|"
        "unmarried|single women|single men|single people|divorced|pregnant|children|education|"
        "educated|job|jobs|profession|professionals|students|student|employed|unemployed|height|"
        "weight|hobby|politics|political|vote|voters|car|cars|house|home owners|homeowners|pets|"
        "dog|dogs|cat|device|android|iphone|ios|browser|instagram|facebook|twitter|whatsapp|"
        "complained|complaint|complaints|review|reviews|reviewed|rating|ratings|rated|happy|"
        "unhappy|satisfied|dissatisfied|angry|nps|delivery|deliveries|delivered late|delay|"
        "delays|delayed|shipping|address|addresses|pincode|pin code|credit card|payment|cod|"
        "cash on delivery|upi|coupon|coupons|discount|discounts|discounted|promo|promo code|"
        "voucher|sale price|margin|profit|profitable|cost|colour|color|size|red|blue|brand|"
        "brands|support|ticket|tickets|called us|wishlist|parents|mothers|fathers|newlyweds|"
        "family|families|husband|wife|vegetarian|health|healthy|sick|diabetic|doctor|doctors|"
        "engineers|teachers|lawyers|farmers|mood|personality|zodiac|horoscope|skin|ethnicity|"
        "race|nationality|credit score|loan|debt|kyc|aadhaar|pan card|passport|gst|exchange|"
        "exchanged|prefer cash|subscription|subscriptions|prime|gift|gifts|gifted|gift card|"
        "friends|friend|followers|ip|gps|store visit",
        "unrecorded": "opened|open|opens|opened our|clicked|click|clicks|clicking|opening|"
        "read our email|visited|visit|visits|visiting|browsed|browsing|browse|viewed|views|"
        "viewing|logged in|login|logged into|log in|logins|app opens|app open|installed|"
        "uninstalled|abandoned|abandon|abandoned cart|cart|carts|added to cart|page views|"
        "session|sessions|searched for|replied|reply|responded|bounced|unsubscribed|ignored|"
        "ignored our|marked as spam|scrolled|used the app|use the app|using the website|checkout|"
        "returned cart|read|watched|shared|liked|commented|downloaded|redeemed|redeem|"
        "engaged with|responded to|tapped|swiped|used a coupon|looked at|seen our",
        "festival": "diwali|deepavali|holi|eid|christmas|xmas|new year|new years|durga puja|onam|"
        "pongal|navratri|dussehra|dusshera|raksha bandhan|rakhi|independence day|republic day|"
        "black friday|valentines|valentines day|festival|festive|festivals|festive season|"
        "lockdown|covid|pandemic|big billion day|ganesh chaturthi|ugadi|baisakhi|dhanteras|"
        "ramadan|ramzan|the sale|monsoon|summer|winter|spring|autumn|season|wedding season|"
        "akshaya tritiya|mothers day|fathers day|womens day|lohri|sankranti|janmashtami|easter|"
        "thanksgiving|halloween|mahashivratri|new years eve",
        "one_person": "phone number of|email of|address of|email address of|mobile number of|"
        "birthday of|what is the email|what is the phone|when did|where does|where is|who is this|"
        "details about|contact number of|date of birth of|tell me about|phone of|"
        "age of customer|what did|has he|has she",
        "figure": "should we|should i|shall we|do we|would it|is it|how much|"
        "what percentage|what percent|what share|why|compare|trend|plot|chart|graph|sum up|"
        "forecast sales|what is the|explain|summarise|summarize|report|dashboard|revenue by|"
        "sales by|growth|conversion rate|breakdown|what are the|calculate|analyse|analyze|"
        "statistics",
        "changes": "again within|bought again within|ordered again within|increased|decreased|"
        "increasing|decreasing|declining|growing|dropped|grew|fell|doubled|halved|spend more now|"
        "more than before|less than before|than last|than the previous|than they|switched|"
        "moved from|used to|changed|trending|than last year|than last month|compared to|more now|"
        "slowing|rising|shifted|upgraded|downgraded|than in|than on|than from",
        "rate": "every month|each month|per month|monthly|every week|each week|per week|weekly|"
        "daily|every day|every year|each year|per year|yearly|annually|every quarter|"
        "each quarter|per day|quarterly|both of the last|both the last|both of the past|"
        "both the past|each of the|each of the months|every single month|"
        "every other month|month on month|month over month|consecutive|consecutively|in a row|"
        "every time|back to back|year on year|every festival|straight months|fortnightly|"
        "per quarter|every few|successive",
        "time_of_day": "morning|mornings|evening|evenings|night|nights|midnight|afternoon|"
        "afternoons|noon|weekday|weekdays|monday|tuesday|wednesday|thursday|friday|saturday|"
        "sunday|mondays|fridays|saturdays|sundays|am|pm|oclock|lunchtime|weekend|weekends|"
        "office hours",
        "place": "tamil nadu|west bengal|uttar pradesh|madhya pradesh|andhra pradesh|"
        "himachal pradesh|arunachal pradesh|jammu and kashmir|"
        "abroad|overseas|metros|metro|metro cities|tier 1|tier 2|tier 3|tier one|"
        "tier two|south india|north india|west india|east india|villages|village|rural|urban|"
        "state|states|nearby|near me|within 10 km|km|kms|kilometres|kilometers|neighbourhood|"
        "neighborhood|locality|nri|nris|foreigners|small towns|northern|southern|eastern|western|"
        "suburbs|district",
    },
)
