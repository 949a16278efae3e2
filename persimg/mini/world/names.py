"""Invented names: a first and a last word each, no word in both lists, none with a meaning."""

from __future__ import annotations

FIRST_WORDS = tuple(
    """
    alvira belkor cadrin delmaro elvani fendric galvo hadrin ilmara jorvan kelsa lomira mavrik nervada odrik pellia quorin relvan
    saldra tovik ulmira vendra wilmor xanvi yorlan zelmira ardeno briska celmo danvir emrika folvo gremia helvin idrana jasmor
    kovira lendro mirvana norvik olvena parsko rivela sorvin tamrika urvano veldina warrik yelmo zorvana anselda borvik corvena
    demlo ervina fiorva gundra harvel inzia jelka kordan lavinda modrik nadrel orsika palvo renzia silvor trenka uldric valmora
    wendrik yasmor zilvan adrielo bravka cosmira dunrel elzara frinka galdrin hesmira ivarno jundra kalvesi limorra madrel nolvira
    osmira perlo rozmar stelvo tarmina urdana vilken wolmira
    """.split()
)
"""96 words; the first 32 serve two people each"""

LAST_WORDS = tuple(
    """
    abrendel askovar balmero bordenik belvarro bostrum brenkova brusilo calderno corlossi celdran corvasse dalmyrel danvorsk
    darvolo delcrova dombrasi dravenko drumvale eskelvo ellorby embrosa erlanko falkenor farrosi fenwarth fildermo florenko
    fostrel gundrossi garvelo gellmark gildova gorvasti grindelo grovanni hadvary halmberg hortovan helsmark hentrova hollvik
    holmarci hurlingo iverlund ilmasco jindrova jarvello jelmark jordessi jundberg kalvenko kermodi keldrossi kerravo kestrova
    kilburno kovalmi kranfeld krelmont lumbrosi lendvik larkovan lenzaro lindvary lomarsk lovrenko lundessi malvenko mondrossi
    marquello melbrundt merrovan milgrave mondarsi morvik navarsko neldrum nordessi novelmi oberlank olmstrad ormasso ostrova
    paldern parvenko pelmont pendrossi perrovik pildaro polvessi prindelo quarvell ramsvik rondovan rasmolen rendova ristolo
    rosvanni rundelo salmberg sondrova sarvello selmark sindrossi skarvoli solvende stelbrova sturmelo tamberlo
    tarkovan telmarsi thurnvik tolvessi trevarno tundberg ullmarsk umbrossi valdessi varmello velstrom verrovan vindaro volmark
    vrelindo wordelo welmont zindvik
    """.split()
)
"""128 words, one a person"""
