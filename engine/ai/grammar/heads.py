"""What shops say of customers: the words that begin a condition, what is counted, how it reads."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADS: Mapping[str, str] = MappingProxyType(
    {
        "order": "used|uses|come back|came back|come back to us|come back to buy|"
        "come back to order|ordered|bought|purchased|shopped|transacted|has ordered|has bought|"
        "ordered from us|bought from us|shopped with us|shopped from us|purchased from us|"
        "have ordered|have bought|have purchased|have shopped|has purchased|has shopped|"
        "shopped at|placed order|placed an order|placed any order|placed orders|made a purchase|"
        "made purchase|made any purchase|made purchases|made an order|placed the order|"
        "done shopping|did shopping|took|picked up|checked out|done a purchase|done any purchase|"
        "done purchase|done purchases|had ordered|had bought|bought something|bought anything|"
        "ordered something|ordered anything|purchased something|purchased anything|"
        "made any orders|placed any orders|made any purchases|given an order|given order|"
        "gave an order|transacted with us|brought",
        "order_base": "buy|purchase|shop|buys|shops|buying|ordering|purchasing|shopping|order|"
        "transact|place an order|place any order|place orders|place any orders|make a purchase|"
        "make any purchase|make purchases|buy anything|buy something|order anything|"
        "order something|purchase anything|purchase something|placing an order|placing orders|"
        "making a purchase|making purchases|are buying|are ordering|buy from us|order from us|"
        "shop with us|shop from us|place order|make any purchases|placing any order|"
        "making any purchase|placing any orders",
        "orders": "orders|ords|purchases|transactions|transaction|txns|txn|order history|"
        "purchase history|sales|order or purchase|bookings",
        "order_count": "order count|count orders|orders count|count of order|number of orders|"
        "no of orders|total orders|count of orders|orders count|number of purchases|"
        "total number of orders|order counts|orders placed|total purchases|purchase count|"
        "lifetime orders|no of purchases|total no of orders|num orders|total order count|"
        "number of transactions|nos of orders|orders in total|count of purchases|"
        "lifetime order count|# of orders",
        "buyers": "buyers|buyer|purchasers|purchaser|paying customers|paying customer|"
        "paying users|existing buyers|past buyers|active buyers",
        "repeat": "repeat|repeated|returning|repeat buying|who came back|multi order|multi-order|"
        "reordered|ordered again|came back to buy again|bought again|repeating|"
        "came back to order again|repeat purchase|more than one time",
        "one_time": "one time|one-time|single order|single purchase|first time|firsttime|1 time|"
        "single-order|one order|onetime|1st time|one off|single time",
        "spend": "spent|spend|spending|spends|paid|pay|shelled out|splurged|given us business of|"
        "expenditure|shopped for a total of|spent a total of|have spent|has spent|splashed|"
        "have paid|has paid|coughed up|gave us business of|done business of|did business of|"
        "bought for a total of|purchased for a total of|ordered for a total of|shelled|"
        "bought goods worth|bought stuff worth|bought items worth|bought products worth|"
        "shopped worth|shopping worth|ordered goods worth|purchased goods worth|done shopping of|"
        "done shopping worth|did shopping of|did shopping worth|"
        "orders worth a total of|"
        "made purchases totalling|placed orders totalling|placed orders worth a total of",
        "total_spend": "total purchase|total purchase of|purchase value|purchase amount|"
        "overall purchase|sum of order amount|sum of amount|order amount|sum amount|"
        "sum order amount|sum of orders amount|sum of order amounts|total amount|"
        "sum of order value|order sum|lifetime purchase|cumulative purchase|value of orders|"
        "total value|spend total|total spend is|sum of spend|sum of purchases|total spends|"
        "spend value|amount of orders|total spent|lifetime spend|lifetime value|ltv|clv|cltv|"
        "revenue|total purchase value|total order value|total amount spent|overall spend|"
        "spenders|spender|total spending|lifetime spending|lifetime revenue|total revenue|"
        "life time value|cumulative spend|amount spent|customer lifetime value|"
        "total purchase amount|total order amount|spend total|all time spend|alltime spend|"
        "lifetime total|total billing|total purchases worth|overall spending|spendings|"
        "sum of orders|spend amount|total value of orders|total sales|business|billing|"
        "total bill|combined spend|aggregate spend",
        "average": "average order value|avg amount|avg order amount|average amount|mean amount|"
        "aov|avg order value|basket size|ticket size|average order|average basket|average ticket|"
        "avg basket|avg basket size|average basket size|avg ticket size|average ticket size|"
        "average spend per order|avg order|mean order value|basket value|average basket value|"
        "average bill|average bill value|avg spend per order|average purchase|"
        "average purchase value|avg purchase value|avg bill|average order size|avg order size|"
        "average spend|avg spend|average value of orders|order value average|average cart value|"
        "average invoice|spend per order|average amount per order|average order amount|"
        "avg order amount|typical order|average spending per order|average bill amount|"
        "mean order|order average|average value per order|average transaction value|"
        "average transaction|avg transaction value|average price per order|avg ticket|"
        "avg order val|order value on average|average orders|orders average|average order is|"
        "average billing|avg bill value",
        "maximum": "biggest order|max amount|max order amount|maximum amount|"
        "maximum order amount|largest order amount|highest order amount|biggest order amount|"
        "largest order|highest order|biggest purchase|largest purchase|max order|maximum order|"
        "biggest single order|largest single order|highest order value|largest order value|"
        "biggest order value|max order value|maximum order value|top order|highest single order|"
        "most expensive order|costliest order|biggest transaction|largest transaction|"
        "single biggest order|single largest order|biggest ever order|largest ever order|"
        "highest purchase|biggest bill|largest bill|highest bill|priciest order|biggest basket|"
        "highest value order|highest transaction|largest ever purchase",
        "minimum": "smallest order|min amount|min order amount|minimum order amount|"
        "smallest order amount|lowest order|cheapest order|min order|minimum order|"
        "smallest purchase|min order value|minimum order value|smallest order value|"
        "lowest order value|least order|cheapest purchase|smallest transaction|lowest purchase|"
        "smallest bill",
        "every_order": "every order|each order|all orders|all their orders|each purchase|"
        "every purchase|all purchases|every single order|all of their orders|"
        "each of their orders|every one of their orders|each and every order|for each order|"
        "for every order|all the orders|always ordered",
        "gap": "average gap between orders|gap between orders|average days between orders|"
        "days between orders|avg gap between orders|time between orders|"
        "average time between orders|average interval between orders|order interval|"
        "average gap between purchases|gap between purchases|days between purchases|"
        "average days between purchases|order gap|average order gap|interval between orders|"
        "avg days between orders|order frequency gap|mean gap between orders|"
        "mean days between orders|mean time between orders|purchase interval|purchase gap|"
        "average time between purchases|time between purchases|avg gap between purchases|"
        "average purchase gap|interval between purchases|gap between two orders|"
        "average gap between two orders|usual gap between orders|typical gap between orders|"
        "average order interval|mean gap between purchases|gap in between orders|"
        "gap between their orders|average gap between their orders|avg time between orders|"
        "days between their orders|gaps between orders|average gap of orders|gap of orders|"
        "avg gap|average gap",
        "gap_verb": "ordered every|bought every|shopped every|purchased every|order every|"
        "buy every|orders every|purchase every|shop every|ordering every|order once every|"
        "buy once every|shop once every",
        "last": "last order|last purchase|last ordered|last bought|last purchased|latest order|"
        "most recent order|last shopped|recent order|last order date|last transaction|"
        "most recent purchase|latest purchase|last order was|last purchase date|last transacted|"
        "date of last order|last placed an order|last order placed|previous order|last buy|"
        "last bought something|last bought from us|last ordered from us|last order at|"
        "last shopped with us|final order|most recently ordered|last placed order|"
        "last made a purchase|last visit to buy|most recently bought|last orders",
        "first": "first order|first purchase|first ordered|first bought|first purchased|"
        "first shopped|first order date|first transaction|first ever order|first-ever order|"
        "first placed an order|first ever purchase|date of first order|1st order|1st purchase|"
        "first time ordered|ordered first|ordered for the first time|bought for the first time|"
        "placed their first order|made their first purchase|first order at|earliest order|"
        "ordered first time|bought first time|first buy|purchased for the first time|"
        "placed first order|made first purchase|shopped for the first time|"
        "became customers|became buyers|initial order|first started buying|started buying|"
        "started shopping|started ordering|first made a purchase",
        "since_last": "days since last order|days since the last order|days since their last order|"
        "days since last purchase|days since the last purchase|days since their last purchase|"
        "days from last order|days passed since last order|days after last order|"
        "number of days since last order|number of days since their last order",
        "signup": "joined|signed up|registered|sign up|signup|sign ups|signups|sign-up|joining|"
        "join|registration|signed-up|enrolled|created an account|created account|"
        "opened an account|signed up at|joined us|signed up with us|registered with us|"
        "date of joining|sign up date|signup date|registration date|"
        "created their account|became a member|became members|onboarded|account created|"
        "got registered|joining date|signed in first|came on board|opened account|register|"
        "signing up|got onboard|became a customer|made an account|"
        "new sign ups|new signups|new registrations|new joiners|joinees|joiners|"
        "account was created|accounts created|enrolled with us",
        "tenure": "customers for|been with us for|with us for|been customers for|"
        "been a customer for|been customers since|been with us since|with us since|"
        "been a customer since|customers since|members since|members for|member since|"
        "been members for|been members since|customer for|customer since|with us from|"
        "been with us from|registered for|been around for|users since|been a member for|"
        "been a member since|been our customers for|been our customer for|"
        "been our customers since|our customer since|account older than|accounts older than|"
        "account is older than|account age",
        "birthday": "birthday|birthdays|bday|bdays|birth day|b-day|bornday|birthday is|"
        "birthday falls|birthday coming up|birthday coming|have birthday|celebrate birthday|"
        "celebrating birthday|birth anniversary|turn a year older|birthdate falls",
        "born": "born|birth date|date of birth|dob|birthdate|birth year|year of birth",
        "turning": "turning|turns|turn|turned|turning the age of",
        "age": "age of|aged|age|ages|age group|age is|in the age group|age between|"
        "age range|age bracket|between the ages of|age of|of age|in the age group of|whose age|"
        "current age|agewise",
        "older": "older than",
        "younger": "younger than",
        "inactive": "gone|gone for|been gone|been missing|inactive|lapsed|dormant|not seen|"
        "churned|not active|gone quiet|silent|not been active|went quiet|gone cold|no activity|"
        "no purchase activity|havent been active|not heard from|been inactive|been dormant|"
        "been quiet|no longer ordering|havent been seen|not transacted|slipped away|gone silent|"
        "went silent|been lapsed|stopped buying|stopped ordering|stopped shopping|not shown up|"
        "disappeared|been away|away|havent shown up|sleeping|no order activity|without activity|"
        "been silent",
        "active": "active|been active|were active|are active",
        "never_ordered": "never ordered|never bought|never purchased|never shopped|bought nothing|"
        "never placed an order|never made a purchase|purchased nothing|ordered nothing|"
        "yet to order|yet to buy|yet to place an order|yet to make a purchase|yet to purchase|"
        "yet to place their first order|non buyers|non-buyers|nonbuyers|no orders at all|"
        "never placed any order|not bought anything yet|zero order|yet to shop|non purchasers|"
        "yet to make their first purchase|never bought anything|never ordered anything|"
        "never purchased anything|not a single order|never placed order|spent nothing|"
        "never placed a single order|never made any purchase|prospects|browsers only|"
        "never made a single purchase|never converted to buyers|non transacted|zero purchases",
        "distinct_categories": "number of categories|number of different categories|"
        "number of distinct categories|count of categories|distinct categories|distinct category|"
        "count distinct categories|categories bought|distinct count of categories|"
        "no of categories|unique categories",
        "distinct_skus": "number of different products|number of distinct products|distinct skus|"
        "distinct sku|distinct products|number of products|number of distinct skus",
        "distinct_channels": "number of channels|number of different channels|distinct channels|"
        "distinct channel|number of distinct channels",
        "items_total": "total quantity|sum of quantity|sum quantity|number of items|items total|"
        "total items|total units|number of units|sum of order quantity|order quantity|"
        "quantity ordered|quantity bought",
        "new": "new|newly joined|newly registered|newly acquired|recently joined|new to us|"
        "brand new|newly signed up|newly onboarded|freshly joined",
        "only_order": "only order|only purchase|one and only order|sole order|sole purchase",
        "random": "random|randomly|random sample|a random|at random|randomly chosen|"
        "randomly selected|random sample of|randomly picked",
        "online": "online|on line|on the internet|digitally",
        "in_store": "used the store|used our store|used a store|used stores|use the store|"
        "using the store|in store|in-store|offline|instore|in shop|in the store|in the shop|"
        "at the store|in a store|in stores|in person|physical store|walk in|brick and mortar|"
        "at our store|in our store|at our stores|in our stores|at a store|in the stores|"
        "at the shop|in the showroom|at stores|in physical stores|at the counter|retail store|"
        "from the store|from store|from shop|from the shop|from a store|from our stores|"
        "from our store",
        "on_web": "on the website|via website|from the website|on web|website|web site|"
        "via the website|through the website|on the site|on our website|from our website|"
        "through website|the web|through our website|on our site|desktop site|from website|"
        "web store|webstore",
        "in_app": "used the app to order|used the app to buy|used the app to shop|"
        "used app to order|use the app to order|used the app for ordering|using the app to order|"
        "on the app|via app|through the app|via the app|from the app|in the app|mobile app|"
        "on app|in app|in-app|using the app|through app|by app|our app|from app|thru app|"
        "by the app|on our app|through our app|using our app|via our app|on mobile app|"
        "through mobile app|on the mobile app|using app|application|over the app",
    },
)
COUNTED: Mapping[str, str] = MappingProxyType(
    {
        "times": "times|time|x|occasions|separate occasions|different occasions|instances|"
        "time or more|separate times|different times|tymes",
        "items": "items|item|units|unit|pieces|piece|pcs|pc|articles|qty|quantity|nos",
        "products": "products|product|things|goods",
        "categories": "categories|category|different categories|distinct categories|"
        "product categories|separate categories|unique categories|kinds of products|"
        "types of products|different product categories|departments|different departments|"
        "different kinds of products|categories of products|various categories",
        "skus": "skus|sku|different products|distinct products|unique products|different items|"
        "distinct items|different skus|distinct skus|unique skus|unique items|separate products",
        "channels": "channels|channel|different channels|distinct channels|sales channels",
        "years_old": "years old|yrs old|year old|years of age|yr old|year olds|yr olds|yrs of age|"
        "years aged|yo|y o|years-old",
    },
)
FLAGS: Mapping[str, str] = MappingProxyType(
    {
        "ever": "overall|ever|at any time|at any point|at some point|anytime|previously|earlier|"
        "historically|so far|all time|lifetime|"
        "in their lifetime|ever before|over their lifetime|since the beginning|at one time|"
        "once upon of all time|as yet|formerly",
        "to_date": "till date|to date|until now|till now|upto now|up to now|till today|until today",
        "of_them": "of them|of these|one of them|any of them above|one of which|two of which|"
        "three of which|any of which|some of which|most of which|at least one of which|"
        "one of those|one of whom|each of which",
        "by_quantity": "by quantity|by units|by items|by number of items|by number of units|"
        "by pieces|in quantity",
        "each": "in a single order|in one order|in a single purchase|in one go|at one go|"
        "in one purchase|on a single order|in a single transaction|in one transaction|"
        "on one order|in a go|in a single bill|in one bill|in a single shot|at once|"
        "on a single purchase|in single order|in just one order|in any single order|"
        "in any one order|in any order|in one single order|per single order|in a single visit|"
        "in one shot|single bill|in a order|in an order",
        "on_average": "on average|on an average|average|avg|in average|an average of|"
        "a average of|average of|averaging|avg of|on avg|averages|usually|typically|mean|"
        "per order|per purchase|per transaction|"
        "per bill",
        "campaign": "campaign called|campaign named|"
        "campaign|campaigns|sent|received|receive|targeted|targeted by|delivered|"
        "converted|converted after|held out|held out of|failed to get|were sent|was sent|"
        "been sent|mailed|messaged|got sent|was targeted by|were targeted by|reached by|"
        "the campaign|converted on|converted in",
        "in_total": "total|totals|sum to|sums to|add up to|adds up to|come to|comes to|amount to|"
        "amounts to|adding up to|adding to|coming to|summing to|together come to|in total|"
        "altogether|in all|cumulatively|combined|put together|all together|totally|overall total|"
        "all told|in aggregate|totalling to|totalling|totaling|amounting to|a total of",
        "different": "different|distinct|unique|separate|varied|multiple different",
        "multiple": "multiple|several different",
        "quantity": "quantity of|total quantity",
    },
)
