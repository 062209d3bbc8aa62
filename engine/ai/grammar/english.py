"""Words as people write them that are neither misspelt nor known to the grammar."""

from __future__ import annotations

from engine.ai.grammar.places import PLACES
from engine.ai.grammar.real_words import REAL

_ENGLISH = (
    "add batch because blouse border borders boulder brother bunch card cards care carts case "
    "cases cash cast catch change chart charts cone cost costs counter country county cricket "
    "cried dance darts date dates deal deals died dinner doing dream drive drop earth elder fact "
    "failed farm father feather film fine fire fish flat folder followed food foot football ford "
    "form forms from game games gate gold good hailed hand hands hard hatch head heart heat "
    "heather help hide hill hold holder hole home hope horse hour house idea inner instead "
    "iron join joke jump keep kick kind king lake lamp land lane latch late laugh lead leaf "
    "lean learn leather left legs lend lender letter level liked lion list lived loan lock "
    "loss love loved luck lunch mailed main make male march match meal mean meat meet mile "
    "milk mind mine mint miss month moon mother mouse mouth move moved movie movies music "
    "must nailed name near neck need nest news nexts nice noon north note odder oil older "
    "once open orders oven pain paint pale paper park parson part parts pass past patch path "
    "peak person pick pine pink pipe plan play poem point pole poor post pull punch push race "
    "rain rare read real remove render rent rest ride ring rise road rock role roof room root "
    "rope rose rule safe sail sailed salt sand seat seed seek seem self sell sender sense "
    "sent ship shirt shoot shoulder side sign silk sing sink sinner site skin sleep slip slow "
    "smart snow soap soft soil solder soldier song soon sort soul soup south speed spell "
    "spend spoke sport sports spouse star starts stay step stop story street style sugar suit "
    "sure swap swim switch table tail take talk tall task taste taxi teach team tell tender "
    "test tests text texts thank thin think thinner thread throw tide time tiny tire told "
    "tone tool tooth tour tower toy track trade train travel tree tried trip true trust truth "
    "tube tune turn type uncle under unit update urban urge used user vast very view voice "
    "vote wage wait wake walk wall warm wash waste watch wave weak wear weather week well "
    "west what wheel white whole wide wife wild wind wine wing winner wire wise wish wished wolf "
    "wood word work world worth write wrong yard yellow youth zone "
)
ENGLISH = PLACES | REAL | frozenset(_ENGLISH.split())
"""Real words that the grammar has no use for, near to words that it knows."""
_SHORTHAND = (
    "tot=total nt=not "
    "thn=than nd=and ordrd=ordered orderd=ordered ordred=ordered odered=ordered ordrs=orders "
    "ordr=order wid=with wth=with frm=from frum=from hav=have hve=have spnt=spent spnd=spend "
    "bt=but bot=bought lst=last pst=past ovr=over abv=above abve=above undr=under blw=below "
    "mor=more mre=more les=less yr=year yrs=years shud=should whch=which wich=which tht=that "
    "dat=that dey=they havnt=havent hvnt=havent dint=didnt didnot=didnt neva=never nvr=never "
    "nevr=never evr=ever atlst=atleast hu=who ppl=people custs=customers cust=customer "
    "thr=their mnths=months mnth=month wks=weeks dys=days hrs=hours btwn=between btw=between "
    "wo=who whr=where n=and amt=amount qty=quantity mbrs=members subs=subscribers "
    "prev=previous purch=purchase purchsd=purchased purchsed=purchased catg=category "
    "loc=location abt=about avrg=average spendings=spending jst=just dnt=dont "
    "doesnot=doesnt havenot=havent wout=without plz=please pls=please bday=birthday "
    "femal=female lang=language custmr=customer custmrs=customers alot=lot "
)
SHORTHAND = dict(pair.split("=") for pair in _SHORTHAND.split())
"""How people shorten words, and the words."""
