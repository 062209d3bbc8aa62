"""The grammar's own words: what joins, compares, denies, counts and tells time.

A phrase is written in lower case without apostrophes ("havent"); phrases of one meaning are parted
by ``|``. The longest phrase that fits wins.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from engine.ai.grammar.lexemes import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
JOINING: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.AND: "and|as well as|along with|plus also|and also|but also|"
        "together with|while also|of which|out of which|of those|"
        "out of those|in addition to|coupled with|plus|with also|and they|and their",
        Kind.OR: "or|or else|and/or|or alternatively",
        Kind.COMMA: ",",
        Kind.BUT: "but|bt|provided that|provided|so long as|as long as|given that|"
        "on condition that|all of whom|and in either case|and in both cases|but in either case|"
        "and all of them|yet|however|though|although|whereas|while",
        Kind.EXCEPT: "except|except for|except if|"
        "except when|excluding|exclude|excludes|excl|excepting|excl .|excl.|"
        "other than|apart from|leaving out|leave out|leaving aside|barring|minus|save for|unless|"
        "but exclude|but excluding|and exclude|except those|ignoring|omitting|omit|skip|skipping|"
        "but except|but leave out|and not including|not including|not counting|without including|"
        "unless they|unless they are|unless theyre|besides|and excluding|but without the|"
        "minus the|without the ones|without those|sans|with the exception of",
        Kind.STOP: ".|;|!|?|...",
        Kind.OPEN: "(|[|{",
        Kind.CLOSE: ")|]|}",
        Kind.NOR: "nor",
        Kind.EITHER: "either|whether|either of",
        Kind.BOTH: "both",
        Kind.WHO: "who|whoever|whosoever|whomever|hu|wo|whoo|whose|that|which|whom|whore|whove|"
        "whos|wholl|who all",
    },
)
SIGNS: Mapping[Kind, str] = MappingProxyType({Kind.AND: "&|+", Kind.OR: "/"})
"""Signs that part conditions as well as values: "not Delhi & vip", "not Delhi & Mumbai"."""
THEN = "and then|and later|and subsequently|and then later|and only then"
"""What joins as "and" does, and asks what came first."""
LISTED = (
    "at least one of these :|at least one of the following :|any one of the following :|"
    "any of the following :|any of these :|any one of these :|one of these :|"
    "one of the following :|one or more of these :|one or more of the following :|"
    "at least one of :|any of :|at least one of (|any of (|any one of (|"
    "either of (|either of these :|either of the following :"
)
"""What lists alternatives, however they are parted."""
NOT_ONLY = "not only|not just|not merely|not simply"
BUT_FOR = (
    "everyone but|everybody but|anyone but|anybody but|all but|all customers but|"
    "every customer but|all users but|but for|bar|save|all bar|everyone bar|everybody bar|"
    "everyone save|no one but|all of them but|all people but"
)
"""What leaves out, unless "not" follows: "everyone but vips", "everyone but not vips"."""
BEHIND: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.EXCEPT: "aside|excepted|excluded|left out|not included|kept out|exempted",
        Kind.BUT: "in either case|in both cases|either way|both ways|in any case|all of them|"
        "in all cases",
    },
)
"""What joins from behind: "vips aside", "... spending over 5k in either case"."""
NOT = (
    "nobody|no one|noone|not a single time|not once|not even once|not one time|none of the|"
    "not|never|no|neither|or neither|and neither|none|nothing|nil|w/o|anywhere but|"
    "anywhere except|everywhere but|everywhere except|anywhere other than|hvnt|havnt|didint|dint|"
    "not been able to|nope|zilch|nevr|without|didnt|did not|dont|do not|does not|doesnt|havent|"
    "have not|hasnt|has not|hadnt|had not|isnt|is not|arent|are not|wasnt|werent|was not|"
    "were not|have never|has never|not yet|never ever|non|lacking|lack|lacks|with no|have no|"
    "has no|had no|having no|without any|with out|without a|without an|not having|not any|no any|"
    "never have|not have|not been|are never|yet to|have yet to|has yet to|are yet to|"
    "not even|not a|not an|not at all|cannot|not a single|without a single|no single|"
    "did never|not ever|neither have|outside|outside of|not living in|besides not|didn|haven|"
    "opted out of|opted out from|unsubscribed from|"
    "opt out of|missing|having not|not to have|failed to|non-|ain't|aint"
)
NOT_THE_CASE = (
    "it is not the case that|it isnt the case that|its not the case that|not the case that|"
    "it is not true that|it isnt true that|its not true that"
)
"""What denies all that follows."""
# The tense matters where what is denied goes on: "didn't order or spend" denies both.
BARE_NOT = frozenset({"didnt", "did not", "dont", "do not", "does not", "doesnt"})
PERFECT_NOT = frozenset({"havent", "have not", "hasnt", "has not", "hadnt", "had not", "not yet"})
NOUNS = (
    "guys|guy|dudes|customer|customers|user|users|people|person|persons|shopper|shoppers|folk|"
    "folks|everyone|everybody|anyone|anybody|consumer|consumers|client|clients|those|ones|member|"
    "members|contacts|contact|accounts|account|individuals|guests|somebody|someone|ppl|cust|"
    "custs|peoples|public|crowd|patrons|profiles|profile|holders|holder|audience|base|those ones|"
    "all those|customer base|subscribers|subscriber|speakers|speaker|residents|fans|lovers|"
    "residing customers"
)
FILLERS = (
    "even|again|include|includes|including|keep|take|r|u|also|id like|i d like|i would like|"
    "i am after|im after|still|very|they|them|their|he|she|:|*|#|so|exist|exists|condition|"
    "conditions|where the|also have|also has|that have|that has|kindly give|"
    "all who|all those who|who also|both of|"
    "in their|in his|in her|of the|per customer|per person|our records|thanks|thank you|thx|"
    "besides being|besides having|apart from being|apart from having|aside from being|"
    "in addition to being|other than being|are there any|is there any|is there anybody|"
    "is there anyone|are there|do we have|do we have any|any city|any of the cities|lying|"
    "too also|we dont need|a|an|the|all|any|"
    "some|show|show me|find|find me|get|get me|give|give me|list|list out|fetch|pull|pull up|i|"
    "we|me|my|our|us|you|need|want|would|like to|like to see|want to see|please|pls|plz|kindly|"
    "can you|could you|id|lets|let|see|look|looking|looking for|look for|search|search for|"
    "want all|a list of|list of|the list of|segment of|a segment of|group of|an audience of|"
    "audience of|set of|just|simply|only those|exactly those|that is|ie|basically|"
    "currently|already|have been|has been|been|being|be|also those|am|im|target|targeting|select|"
    "filter|identify|create|build|make|make me|a segment|create a segment|build a segment|"
    "segment called|segment named|segments called|audience called|"
    "segment|segments|based|living|live|lives|lived|living at|living in|stay|staying|stays|"
    "reside|residing|resides|located|situated|settled|hailing|belong|belongs|belonging|coming|"
    "come|comes|are from|is from|have got|has got|got|getting|get|having|whatever|"
    "there|here|it|its|this is|these|those of|too|ok|okay|hi|hello|hey|dear|sir|"
    "madam|actually|really|etc|such|following|given|different kinds|"
    "kind|type|types|kinds of|sort|placed|placing|place|made|making|done|doing|did|do|does|value|"
    "amount|rate|level|status|least|category|categories of|the category|product|products|item|"
    "items|goods|stuff|things|thing|something|anything|section|department|range|worth|worth of|"
    "valued|costing|priced|equalling|with us|from us|to us|for us|with our store|from our store|"
    "as|when|where|what|whats|how|want customers|customers list|data|details of|names of|details|"
    "name of|list the|show all|count|how many|many|number|those customers|out there|"
    "currently living|presently|now|right now|as of now|as of today|in our database|in database|"
    "in the database|in our data|in the data|on record|on file|registered with us|in india list|"
    "anything at all|whatsoever|account holders|a look at|would be|should|must|should be|must be|"
    "must not have been|shall|may|might|can|could|will|want only|who happen to be|happen to be|"
    "tell me|tell|display|provide|share|bring|bring up|in addition|additionally|furthermore|"
    "moreover|specifically|particular|particularly|namely|per|new segment|prepare|generate|to be|"
    "or both|or both of them|balance|to their name|on their name"
)
EVERY = "every|each"
"""Small words that say how often where a time follows."""
PREPOSITIONS = (
    "w/|in|from|at|on|with|for|of|by|frm|frum|fom|wid|wth|wit|via|through|to|within|during|over|"
    "across|inside|around here|throughout|using|thru|upon|into|as per|based in|based out of|"
    "living at"
)
INSIDE = "in|during|within"
"""Prepositions that no day of a month stands before: "three in April" are three of something."""
BE = (
    "set to|is set to|are set to|"
    "is|are|was|were|be|being|am|re|theyre|equals|equal to|=|==|is equal to|as|are at|is at|"
    "stands at|came to|came|happened|took place|occurred"
)
HAVE = (
    "must have|should have|must also have|need to have|has to have|have to have|"
    "should also have|have|has|hav|hv|hve|havin|had|having|with|ve|theyve|own|owning|possess|"
    "possessing|holding|hold|carry|carrying|whos got"
)
COMPARE: Mapping[str, str] = MappingProxyType(
    {
        "greater_than": "more in total than|more overall than|more altogether than|tops|beats|"
        "surpasses|more than|over|above|ovr|abv|abve|mor than|mre than|more thn|greater than|"
        "exceeding|exceeds|exceed|exceeded|upwards of|upward of|higher than|bigger than|"
        "larger than|beyond|>|north of|in excess of|crossed|crossing|crosses|mor than|more then|"
        "greater then|not less than or equal to|is over|is above|is more than|larger|bigger|"
        "higher|greater|more|past the|in more than|surpassing|surpassed|topping|"
        "strictly more than|well over",
        "greater_or_equal": "at or above|at or over|equal to or above|equal to or over|"
        "above or equal to|over or equal to|at or beyond|at least|atleast|minimum|minimum of|min|"
        "min of|a minimum of|not less than|no less than|no fewer than|not fewer than|not below|"
        "not under|>=|≥|=>|at the least|starting from|starting at|upwards from|"
        "greater than or equal to|more than or equal to|not lower than|at a minimum|at minimum|"
        "a min of|minimum upto|as many as|as much as at least|onwards of|equal to or more than|"
        "is at least|are at least|was at least|"
        "equal or more than|equal to or greater than|no lower than",
        "less_than": "less than|under|below|undr|blw|belw|les than|fewer than|lower than|"
        "smaller than|<|less then|fewer then|lesser than|is under|is below|not reaching|short of|"
        "south of|lesser|fewer|lower|less|not crossed|not crossing|beneath|strictly less than|"
        "strictly under",
        "less_or_equal": "at or below|at or under|equal to or below|equal to or under|"
        "below or equal to|under or equal to|less than or equal|equal or less than|"
        "equal to or less than|at most|atmost|max|maximum|maximum of|max of|a maximum of|up to|"
        "upto|no more than|not more than|not over|not above|not exceeding|<=|≤|=<|"
        "no greater than|less than or equal to|not greater than|capped at|no higher than|"
        "not beyond|not to exceed|not exceed|does not exceed|doesnt exceed|at the most|"
        "is at most|are at most|was at most|limited to|not higher than|no over",
        "equals": "exactly|precisely|just|only|equal to|equals|=|==|exact|a total of exactly|"
        "nothing but|strictly|no more no less than|no more and no less than|exactly equal to",
        "not_equals": "!=|<>|≠|not equal to|other than exactly",
        "about": "about|around|approximately|approx|roughly|nearly|almost|close to|"
        "some where around|somewhere around|~|circa|ish",
    },
)
POST: Mapping[str, str] = MappingProxyType(
    {
        "greater_or_equal": "or more|and more|or above|and above|& above|or over|and over|"
        "or higher|and higher|and up|or up|and upwards|or upwards|or greater|or older|and older|"
        "plus|at least|atleast|minimum|or bigger|onwards|and beyond|or beyond|or more than that|"
        "or larger|at minimum|at the least|min|upwards|and onwards|or better",
        "less_or_equal": "or less|or fewer|or below|and below|& below|or under|and under|or lower|"
        "or younger|and younger|at most|maximum|max|or lesser|and less|tops|at the most|or smaller|"
        "or cheaper|and lower|and fewer",
        "greater_than": "exceeded",
        "equals": "only|exactly|precisely|flat|sharp",
        "about": "or so|or thereabouts|or thereabout|odd|give or take|ish",
    },
)
PRESENT: Mapping[str, str] = MappingProxyType(
    {
        "yes": "must be present|must be available|should be present|should be available|"
        "available|present|exists|there|on file|yes|known|given|filled|is there|is available|"
        "is present|must be there|should be there|not null|is not null|isnt null|not missing|"
        "is not missing|not empty|not blank|recorded|provided|is set|true|is true|on record|"
        "turned on|on|enabled|present in data|is known|not none|set|filled in|is filled|"
        "= true|= yes|is yes|active",
        "no": "missing|null|is null|absent|blank|empty|not available|not present|not there|no|"
        "unknown|not known|not given|not filled|is missing|is blank|is empty|not set|is not set|"
        "not provided|false|is false|unavailable|not on file|not recorded|is absent|turned off|"
        "isnt set|hasnt been set|not been set|has not been set|isnt known|isnt recorded|"
        "off|disabled|not filled in|= false|= no|is no|not yet given",
    },
)
RECORDED = (
    "on file|on record|exists|known|is known|given|filled|filled in|is filled|not null|"
    "is not null|isnt null|not missing|is not missing|not empty|not blank|recorded|provided|"
    "is set|set|not none|missing|null|is null|absent|is absent|blank|empty|unknown|not known|"
    "not given|not filled|not filled in|is missing|is blank|is empty|not set|is not set|"
    "not provided|not on file|not recorded|not yet given|isnt set|hasnt been set|not been set|"
    "has not been set|isnt known|isnt recorded"
)
"""Of these, what tells whether anything is recorded at all, rather than yes or no."""
TEXT_TESTS: Mapping[str, str] = MappingProxyType(
    {
        "contains": "contains|containing|contain|includes|including the text|has the word|"
        "with the word|containing the word|contains the word|has the text",
        "starts_with": "starts with|starting with|begins with|beginning with|start with|begin with|"
        "that starts with|that begins with|prefix",
        "ends_with": "ends with|ending with|ending in|end with|ends in|suffix|that ends with",
    },
)
