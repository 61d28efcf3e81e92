"""Words with a meaning of their own, in English, German, French, Spanish and Italian; folded (no accents, lower case).

A language is added by adding its words to these sets; tests/agent/test_grounding.py has cases for each language.
"""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


SMALL_WORDS = _words(
    "a an the this that these those it its i me my mine you your he she his her we our us they them their some any",
    "of to from in on at by for with about into onto off up down out over as and or but so if then than too also",
    "just is am are was were be been do does did have has had will would can could should may might must please not",
    "no yes there here now all every each both one ones more most much many again still only really very list item",
    "row entry der die das den dem des ein eine einen einem einer eines und oder aber auch noch nur mal bitte ich",
    "du er sie es wir ihr mich mir dich dir uns euch mein meine meinen meinem meiner dein deine deinen sein seine",
    "von vom zu zum zur im ins auf aus bei mit nach fur uber unter ist sind war hab habe hast hat haben kann kannst",
    "konnte konntest wird werden soll sollte nicht kein keine ja nein als wie dann wenn doch schon alle alles jeder",
    "jede liste le la les l un une de d et ou mais aussi encore je tu il elle nous vous ils elles te se mon ma mes",
    "ton ta tes son sa ses notre votre leur ce cette ces c s au aux dans en sur sous par pour avec sans est sont ai",
    "ont etait peux peut pourrais veux ne pas non oui que qui quoi tout tous toute toutes stp svp y el los las una",
    "unos unas o pero tambien mas yo ella nosotros ellos mi mis su sus lo del al con por para sin sobre soy esta",
    "estan ha han puedes puede podrias si como todo todos todas lista favor gli uno e anche piu io lui lei noi voi",
    "loro ti ci mio mia miei mie tuo tua suo sua della dei delle degli alla nel nella nei sul sulla da dal dalla",
    "per tra fra sono ho hai hanno puoi potresti che come tutto tutti tutte favore",
)
"""Words that name nothing: articles, pronouns, prepositions, auxiliaries."""

ALL = _words(
    "all everything every each both everyone whole entire alle alles allen jede jeden jedes jeder beide beiden",
    "samtliche ganze tout tous toute toutes chaque todas todos ambos ambas cada tutto tutti tutte entrambi entrambe",
    "ogni rest todo toda tutta whatever",
)
PRONOUNS = _words(
    "it that this them these those one ones es das ihn sie den dies dieses diese le la les l ca cela celui celle lo",
    "los las eso esto ese esa li quello questo quella",
)
ARTICLES = _words("das die le la les l lo los las")
"""Pronouns that are articles as well."""
YES = _words(
    "yes yep yeah yup ok okay sure exactly right correct please ja jo jawohl genau klar gerne bitte oui ouais exact",
    "si claro vale exacto certo va bene esatto do go ahead vas fais mach los leg hazlo fallo adelante dale avanti",
    "procedi it that thanks thank you merci danke gracias grazie per favore s il te plait the them both all alle",
    "of course naturlich selbstverstandlich unbedingt volontiers bien sur por supuesto volentieri naturalmente",
    "beide",
)
QUESTION = _words(
    "what which who whom whose how when where why what's who's where's wie was wer wen wem wann wo warum wieso",
    "welche welcher welches welchen quel quelle quels quelles qui quoi comment quand pourquoi combien cual cuales",
    "quien que como cuando donde cuanto cuantos cuantas hay che cosa quale quali chi dove quanto quanti quante",
    "perche",
)
"""A sentence that begins with one of these asks for something to know."""
QUESTION_WORDS = frozenset(QUESTION - {"que", "come", "as", "who", "che", "quando", "quanto"})
"""Those that begin a question also behind other words."""
ASKING = (
    "is there", "are there", "is it", "is the", "is my", "are my", "are the", "do i", "do we", "do you", "did i",
    "did we",
    "did you", "have i", "have we", "have you", "am i", "was there", "should i", "gibt es", "habe ich", "hab ich",
    "hast du", "ist das", "ist die", "ist der", "steht", "soll ich", "est ce que", "y a t il", "ai je", "as tu",
    "tengo que", "hay que", "ho gia", "c e",
)  # fmt: skip
"""Phrases with which a question begins that has no question mark."""
CAN_YOU = (
    "can you", "could you", "would you", "will you", "can we", "could we", "can u", "could u", "can i get", "may i ask",
    "would it be possible", "do you mind", "would you mind", "please", "pls", "plz",
    "kannst du", "konntest du", "wurdest du", "magst du", "kann man", "konnen sie", "konnten sie", "bitte",
    "peux tu", "tu peux", "pourrais tu", "tu pourrais", "pouvez vous", "vous pouvez", "pourriez vous", "s il te plait",
    "s il vous plait", "stp", "svp",
    "puedes", "podrias", "me puedes", "puede", "por favor", "puoi", "potresti", "mi puoi", "per favore", "per piacere",
)  # fmt: skip
"""Phrases with which a question asks for a change."""
SAID = _words(
    "said says say wrote writes told tells asked asks shouted texted messaged emailed sagte sagt gesagt",
    "schrieb schreibt geschrieben meinte meint fragte",
    "fragt dit disait ecrit demande raconte dijo dice dicho escribio escribe pregunto detto diceva",
    "scrive scritto chiede quote quoted translate translation ubersetze ubersetz ubersetzung traduis traduire",
    "traduction traduce traducir traduci traduzione means mean bedeutet heisst significa veut spell pronounce",
)
"""Words with which somebody else's words are told, or words are talked about."""
NEGATED = (
    "don t", "do not", "dont", "never", "no need", "please don t", "please do not", "leave", "you don t need",
    "ne", "n", "non", "nicht", "bitte nicht", "lass", "deja",
)  # fmt: skip
"""A sentence that begins with one of these forbids something."""
TOP = _words(
    "top first front start beginning begin oben erste erster ersten erstes ganz anfang vorne zuoberst haut premier",
    "premiere debut tete arriba primero primera principio inicio cima alto primo prima inizio testa urgent",
)
BOTTOM = _words(
    "bottom last end unten letzte letzter letzten letztes ende zuletzt zuunterst hinten bas dernier derniere fin",
    "bout abajo ultimo ultima final fondo fine",
)
BEFORE = _words(
    "before above over ahead vor uber oberhalb davor avant dessus devant antes encima delante arriba prima sopra",
    "davanti",
)
AFTER = _words(
    "after behind below under beneath following next nach hinter unter unterhalb danach apres dessous derriere sous",
    "despues debajo detras tras dopo sotto dietro",
)
UP = _words("up higher hoch hoher rauf hinauf nach monte monter remonte sube subir mas su")
DOWN = _words("down lower runter hinunter tiefer descends descendre baja bajar giu")
TIMES = _words("double twice half verdopple doppelt halb halbiere doublez moitie doble mitad doppio meta")
ZERO = _words(
    "no without sin senza sans pas missing fehlt fehlen manca mancano falta faltan none empty gone out finished",
    "over nothing leer alle aus weg kein keine keinen nichts aufgebraucht vide plus rien epuise fini finie nada",
    "vacio vacia agotado acabado queda quedan ningun ninguno finito finita finiti vuoto niente",
)
"""Words with which an amount becomes zero."""
EMPTYING = _words(
    "scrap lost wipe leeren",
    "delete remove clear drop erase empty strip reset losche losch leere leer streich streiche entferne nimm efface",
    "effacer enleve enlever retire retirer vide vider supprime supprimer borra borrar quita quitar vacia vaciar",
    "elimina eliminar togli togliere rimuovi rimuovere cancella cancellare svuota svuotare non",
)
"""Words with which a field loses its value; those of `ZERO` do so, too."""
RELATIVE = _words(
    "more less fewer another extra additional plus minus add added ate eaten used took taken drank sold bought got",
    "gave lost found broke mehr weniger noch weitere weiteren dazu gegessen verbraucht genommen gekauft getrunken",
    "verkauft moins encore mange mangee utilise pris bu achete vendu perdu mas menos comido usado tomado comprado",
    "vendido piu meno ancora mangiato usato preso bevuto comprato venduto",
)
"""Words with which a number tells the difference, not the value."""
NEW = _words(
    "append insert include enter record log mets mettre pon poner metti mettere setz setze notiere trage",
    "add new another buy bought need get put note remember remind write create more also and too fuge fug neu neue",
    "neuen neuer neues kauf kaufe kaufen gekauft brauche brauchen notier notiere merk schreib trag eintragen dazu",
    "hinzu ajoute ajouter nouveau nouvelle achete acheter faut besoin noter anade anadir agrega apunta nuevo nueva",
    "compra comprar necesito falta faltan aggiungi aggiungere nuovo nuova comprare serve servono segna spent paid",
    "cost costs costed bezahlt ausgegeben gekostet depense paye coute gaste pague costo speso pagato costa make",
    "register track keep hinzufugen hinzufugt leg anlegen aufnehmen vergiss manque manquent oublie aussi registra",
    "olvides tambien dimenticare scrivi scrivere ancora anche",
)
"""Words of an order to add a row."""
PLEASE = _words("please pls plz bitte stp svp favor favore")
"""Words that belong to an order, and to nothing that is written down."""
FLIP = _words("toggle flip switch umschalten bascule basculer alterna commuta inverti invierte")
"""Words with which a tick is set or taken away, whichever it is."""
NOT_DONE = _words(
    "not isn wasn aren didn hasn haven never no again undo undone untick untick uncheck unmark reopen unfinished open",
    "nicht kein keine doch wieder offen zuruck aufmachen pas plus encore rouvre rouvrir decoche decocher annule",
    "desmarca desmarcar reabre reabrir todavia aun otra riapri riaprire ancora non nuovo togli quita",
)
"""Words with which a tick is taken away."""
OPEN = _words("open offen ouvert abierto aperto todavia aun ancora encore")
"""Those of them that also tell what is not done yet."""
FINISHED = _words("done finished complete completed erledigt fertig fait fini hecho listo terminado fatto finito")
MOVE = _words(
    "move moved verschieb verschiebe verschieben schieb schiebe deplace deplacer mueve mover mueva sposta spostare"
)
"""Words with which a row is moved in its list."""
CORRECTING = (
    "i mean", "i meant", "meant to say", "ich meine", "ich meinte", "wollte sagen", "je veux dire", "je voulais dire",
    "quiero decir", "quise decir", "queria decir", "voglio dire", "volevo dire", "intendevo",
)  # fmt: skip
"""Phrases with which the user corrects what he said."""
MEANT = (*CORRECTING, "heisst jetzt", "heisst nun", "heisst ab", "richtig heisst", "kurz gesagt")
"""Phrases with words of `SAID` that tell nobody else's words."""
IMPERATIVES = _words("escribe write schreib schreibe ecris scrivi pense")
"""At the beginning of a sentence these are orders; elsewhere they may tell what somebody writes or thinks."""
REMINDED = (
    "don t forget", "dont forget", "do not forget", "never forget", "don t let me forget", "leave out", "vergiss nicht",
    "lass uns", "non serve", "n oublie pas", "n oubliez pas", "ne oublie pas", "no olvides", "non dimenticare",
    "non dimentichiamo",
)  # fmt: skip
"""Phrases that begin like a ban, and order something."""
TAGS = _words("ok okay please alright deal gut bitte accord d stp va bene bueno vale")
"""A sentence that is no question may end in one or two of these with a question mark: “put it on the list, ok?”.
Words that ask whether something is so (“right?”) are none of them."""
RENAMING = _words(
    "rename renamed call called calls name named title titled read spelled spell replace replaced instead correct",
    "correction change changed make turn turned became become becomes rewrite mean meant sorry wait oops actually not",
    "goes typo should benenne nenn nenne heisst heisse heissen umbenennen statt ersetze andere mach wird sondern",
    "korrigiere korrigier richtig titel meinte meine warte quatsch schreib renomme renommer appelle appeler remplace",
    "corrige corriger devient lieu place doit dire pardon plutot attends oups nom titre ecris renombra renombrar",
    "llama llamarse cambia cambiar lugar vez sino pasa sustituye decir perdon mejor espera realidad nombre titulo",
    "rinomina rinominare chiama chiamarsi sostituisci correggi invece diventa posto scusa meglio aspetta ops anzi",
    "nome titolo no",
)
"""Words with which a row gets another name."""
WANTED_BY_OTHERS = _words("wants thinks believes veut pense quiere piensa vuole pensa findet glaubt")
"""Words with which somebody else's wish is told."""
IDLE = (
    "i could", "i wish", "i feel", "i am so", "i m so", "if i", "ich konnte", "wenn ich", "je pourrais", "si je",
    "podria", "potrei",
)  # fmt: skip
"""A sentence that begins with one of these tells a mood."""
THANKS = _words("thanks thank thx danke dankeschon merci gracias grazie")
COURTESY = _words(
    "thanks thank thx cheers hello hi hey bye goodbye welcome sorry great super perfect nice lovely cool",
    "danke dankeschon hallo tschuss servus gruss prima toll klasse merci salut bonjour bonsoir coucou adieu parfait",
    "gracias hola adios genial perfecto grazie ciao salve perfetto prego",
)
"""Words of thanks and greeting."""
HEDGED = (
    "probably", "maybe", "perhaps", "might", "we ll see", "vielleicht", "wahrscheinlich", "eventuell", "mal sehen",
    "peut etre", "probablement", "on verra", "quizas", "quiza", "tal vez", "probablemente", "ya veremos", "forse",
    "magari", "probabilmente", "vediamo",
)  # fmt: skip
"""Phrases with which something is only considered."""
JUST_DONE = _words("just already gerade schon bereits eben deja viens vient ya acabo gia appena")
"""Words with which something is told that is done."""
START = _words(
    "run start launch begin execute repeat again fire kick starte starten beginne lass lauf laufen ausfuhren",
    "fuhr fuhre lance lancer demarre demarrer commence execute executer inicia iniciar ejecuta ejecutar empieza lanza",
    "lanzar avvia avviare esegui eseguire lancia lanciare inizia do make",
)
"""Words of an order to start a job."""
PROPOSE = _words(
    "propose proposal suggest suggestion suggestions draft fill write idea ideas help complete schlag",
    "vorschlag vorschlage entwurf entwirf full fulle ausfullen schreib schreibe idee ideen hilf suggere",
    "proposer remplis remplir ecris aide sugiere sugerencia rellena rellenar escribe propon propuesta ayuda",
    "proponi proposta suggerisci compila scrivi aiuta brouillon bozza borrador",
)
"""Words that ask for a text or a value of the assistant's own."""
STOP = _words(
    "cancel stop abort end halt quit kill terminate break interrupt stopp stoppe stoppen beende beenden brich",
    "abbrechen abbruch halte anhalten annule annuler arrete arreter stoppe interromps interrompre cancela cancelar",
    "para parar deten detener termina terminar aborta ferma fermare annulla annullare interrompi interrompere",
)
"""Words of an order to end a job."""
WHICH_ONE = _words("which welche welcher welches welchen quel quelle lequel laquelle cual quale")
"""Words of a question which one is meant."""
PAUSE = _words(
    "pause pausing suspend halt hold wait interrupt break unterbrich unterbrechen pausiere pausieren anhalten halte",
    "suspends suspendre interromps interrompre pausa pausar suspende suspender interrumpe interrumpir sospendi",
    "sospendere interrompi interrompere",
)
"""Words of an order to let a job pause."""
CONTINUE = _words(
    "resume continue go carry proceed unpause keep weiter weitermachen fortsetzen fort fortfahren reprends reprendre",
    "poursuis poursuivre continua continuar reanuda reanudar sigue seguir prosegui proseguire riprendi riprendere",
    "continuare",
)
"""Words of an order to let a job go on."""
TRY_AGAIN = _words(
    "retry try again restart repeat rerun once nochmal noch mal nochmals erneut wieder wiederhole wiederholen neu",
    "versuche versuch reessaie reessayer relance relancer recommence recommencer encore reintenta reintentar repite",
    "repetir vez nuevo riprova riprovare ripeti ripetere ancora nuovo",
)
"""Words of an order to try a job again."""
JOB_WORDS = _words(
    "job jobs run task process work running arbeit lauf auftrag prozess tache travail processus tarea trabajo proceso",
    "lavoro processo attivita",
)
"""Words for any job."""
TAKEN_AS_NOUN = _words(
    "a an the this that my your his her our their its last first der die das den dem des ein eine einen mein dein le",
    "la les l un une mon ton el los las una mi tu il lo gli uno mio tuo",
)
"""Before one of these words a verb is a noun: “the crawl was slow” orders nothing."""
PREPARING = _words(
    "let lets s d ll want like need go ahead try ok okay hey now i to us we und jetzt dann mochte will lass uns veux",
    "quiero quisiera voglio vorrei adesso ahora maintenant alors",
)
"""Words that may stand before the verb of an order."""
LENGTH = _words(
    "long longer detail details detailed story poem song essay letter email mail speech article report explain list",
    "lists recipe summary summarise summarize everything more words sentences paragraphs lines pages steps plan write",
    "lang langer lange ausfuhrlich ausfuhrlicher genau geschichte gedicht lied brief aufsatz rede bericht erklar",
    "erklare erklaren rezept zusammenfassung mehr worter worten satze satzen zeilen absatze schritte schreib schreibe",
    "longue plus histoire poeme chanson lettre discours rapport explique expliquer recette resume resumer detaille",
    "mots phrases lignes etapes ecris ecrire largo larga mas historia cuento poema cancion carta ensayo discurso",
    "explica explicar receta resumen detalle detallado palabras frases lineas pasos escribe escribir lungo lunga",
    "piu storia poesia canzone lettera tema discorso spiega spiegare ricetta riassunto dettaglio parole frasi righe",
    "passi scrivi scrivere",
)
"""Words that ask for an answer of some length: a text, a list, or more of something."""
DONE = _words(
    "added updated changed deleted removed marked ticked moved set renamed created inserted checked noted recorded",
    "logged raised lowered adding updating changing deleting removing marking ticking moving hinzugefugt geandert",
    "geloscht entfernt abgehakt markiert verschoben eingetragen notiert angelegt aktualisiert umbenannt erstellt",
    "ajoute ajoutee modifie modifiee supprime supprimee coche cochee deplace deplacee note notee enregistre mis mise",
    "anadido anadida agregado agregada cambiado cambiada borrado borrada eliminado eliminada marcado marcada movido",
    "movida apuntado apuntada anotado anotada actualizado actualizada aggiunto aggiunta cambiato cambiata",
    "cancellato cancellata eliminato eliminata segnato segnata spostato spostata aggiornato aggiornata annotato",
    "annotata rimosso rimossa",
)
"""Words with which the assistant says that it has changed something."""
TELLING = _words(
    "explain tell recommend translate summarize summarise define describe compare imagine erklar erklare erzahl",
    "erzahle",
    "empfiehl ubersetz ubersetze beschreib beschreibe vergleiche explique raconte conseille traduis resume decris",
    "explica explicame cuenta cuentame recomienda recomiendame traduce describe spiega spiegami racconta raccontami",
    "consiglia consigliami traduci descrivi",
)
"""Verbs of a wish for words of the assistant's own, at the beginning of a message."""
WRITING = _words(
    "write compose draft schreib schreibe schreibt verfasse dichte ecris redige compose escribe escribeme redacta",
    "compon scrivi scrivimi componi",
)
"""Verbs of a wish for a text, if a word for a text follows; else they order a row: “write down milk”."""
TEXTS = _words(
    "story poem song essay letter email speech article report recipe summary joke haiku geschichte gedicht lied brief",
    "aufsatz rede bericht rezept zusammenfassung witz histoire poeme chanson lettre discours rapport recette resume",
    "blague historia cuento poema cancion carta ensayo discurso receta resumen chiste storia poesia canzone lettera",
    "tema discorso ricetta riassunto barzelletta mail",
)
"""Words for a text."""
WHO = _words("who wer qui quien quienes chi")
"""Question words that ask for a person, and never order anything."""
WHY = _words("why warum wieso weshalb pourquoi perche")
"""Question words that ask for a reason, which no row has."""
KNOWING = (
    "do you know", "can you tell me", "how do i", "how can i", "weisst du", "kannst du mir sagen",
    "est ce que tu sais", "sabes que", "sai dirmi", "i wonder", "i d like to know", "ich frage mich",
)  # fmt: skip
"""Phrases that only stand before a question about the world."""
HAVING = (
    "do i", "do we", "did i", "did we", "have i", "have we", "hab ich", "habe ich", "haben wir", "i have", "we have",
    "ai je", "avons nous", "est ce que j ai", "tengo", "tenemos", "ho", "abbiamo",
)  # fmt: skip
"""Phrases with which people ask what they have or did: their rows say it."""
OF_ROWS = _words(
    "my mine our ours row rows entry entries item items table here there left open due done today tomorrow tonight",
    "yesterday week weekend next first last undone finished missing overdue urgent this it them which mein meine",
    "meinen meinem meiner unser unsere zeile eintrag eintrage hier offen ubrig fallig erledigt heute morgen gestern",
    "woche nachste nachster nachstes erste letzte fehlt welche welcher welches welchen mon mes ma notre nos ligne ici",
    "reste restent ouvert aujourd demain hier semaine prochain prochaine premier dernier ca mi mis nuestra nuestro",
    "fila aqui queda quedan pendiente pendientes hecho hoy manana ayer semana proximo proxima primero ultimo mio mia",
    "miei mie nostro riga resta restano aperto fatto oggi domani ieri settimana prossimo prossima primo ultimo",
)
"""Words with which people speak of their own rows."""
LISTS = ("list", "lists", "liste", "listen", "lista", "elenco")
"""Endings of words for a list: “Einkaufsliste”."""
OF_THE_ASSISTANT = _words(
    "you your yours yourself pianola bist hast machst geht dich dir dein deine deinen tu toi te ton ta tes vous votre",
    "eres estas sabes tal ti tuo tua tuoi usted ustedes tus sei sai va",
)
"""Words with which the assistant is spoken to, or of."""
TOLD_AS = _words(
    "user users name named called like likes liked prefer prefers want wants dislikes hates loves has have is live",
    "lives work works need needs use uses remember that his her nutzer benutzer heisst mag moechte mochte will hat ist",
    "wohnt arbeitet braucht utilisateur aime prefere veut a est habite travaille usuario gusta prefiere quiere tiene",
    "es vive trabaja their",
)
"""Words with which a memory is told about the user, who speaks of “I” and “my”."""
