"""German words of the screen and of plain lines, by the English ones."""

GERMAN: dict[str, str] = {
    # the big words; the sentence beneath says more
    "CHECK IN": "FRAGEN",
    "USUAL": "WIE SONST",
    "FULL": "VOLL",
    "WARM UP": "EINATMEN",
    "SET UP": "BEREIT",
    "EASE": "DREHEN",
    "TALL": "AUFRECHT",
    "STILL": "RUHIG",
    "BREATHE": "ATMEN",
    "REST": "RUHE",
    "COME BACK": "ZUR MITTE",
    "LOST": "VERLOREN",
    "PAUSED": "PAUSE",
    "CLOSE": "SCHLUSS",
    "DONE": "FERTIG",
    "STOPPED": "BEENDET",
    "READY?": "BEREIT?",
    "SIMULATED": "SIMULIERT",
    # title, points, column
    "{side} side": "{side}",
    "right": "rechts",
    "left": "links",
    "point {here} of {all}": "Punkt {here} von {all}",
    "turned {deg}°": "gedreht {deg}°",
    "a sketch, not measured": "Skizze, nicht gemessen",
    "usual": "sonst",
    "full": "voll",
    "plenty": "viel",
    "{size} × usual": "{size} × sonst",
    "rest {seconds} s": "Ruhe {seconds} s",
    "breaths {counted} of {needed}": "Atemzüge {counted} von {needed}",
    "deep breaths {deep} of at most {limit}": "tiefe Atemzüge {deep} von höchstens {limit}",
    "breathe as usual: {counted} of {needed}": "wie sonst: {counted} von {needed}",
    "a slow full breath: {counted} of {needed}": "langsam und voll: {counted} von {needed}",
    "found: usual {quiet} {unit}, full {full} {unit}, {times} times": (
        "gefunden: sonst {quiet} {unit}, voll {full} {unit}, {times}-fach"
    ),
    "usual breaths: {counted} of {needed}": "Atemzüge wie sonst: {counted} von {needed}",
    # keys
    "space": "Leer",
    "go on": "weiter",
    "back off": "zurück",
    "nothing holds": "nichts hält",
    "clear": "frei",
    "by hand": "von Hand",
    "smaller bar": "kleiner",
    "smaller": "kleiner",
    "pause": "Pause",
    "you are the body:   ↑ breathe in   ↓ out   ← → turn   , . lean": (
        "du bist der Körper:   ↑ ein   ↓ aus   ← → drehen   , . neigen"
    ),
    "Go on: after a pause, a lost signal, a set-up step.": "Weiter: nach Pause, verlorenem Signal, Vorbereitung.",
    "Turn back a little and take the same point again.": "Etwas zurückdrehen, derselbe Punkt noch einmal.",
    "Nothing holds any more: this side is clear.": "Nichts hält mehr: diese Seite ist frei.",
    "Pass this point by hand; it never counts as measured.": "Den Punkt von Hand bestätigen; gilt nie als gemessen.",
    "Ask for a breath 15 % smaller at this point.": "An diesem Punkt 15 % weniger verlangen.",
    "Pause. Nothing goes on by itself.": "Pause. Nichts geht von selbst weiter.",
    "Stop: out of the twist first, then saved as stopped.": "Aufhören: erst zur Mitte, dann gespeichert.",
    # plain lines, and what one types there
    "back": "zurück",
    "stop": "stopp",
    "y": "j",
    "n": "n",
    "Attached.": "Verbunden.",
    "Full breath.": "Voller Atemzug.",
    "Not yet:": "Noch nicht:",
    "Point {point} passed, {side} side.": "Punkt {point} geschafft, {side}.",
    "Point {point} passed by hand, {side} side.": "Punkt {point} von Hand, {side}.",
    "(y or n)": "(j oder n)",
    "(0 to 10, Enter to leave out)": "(0 bis 10, Enter lässt es aus)",
    "You can type: {words}.": "Du kannst tippen: {words}.",
    "Not understood: {line!r}.": "Nicht verstanden: {line!r}.",
    "Please type y or n.": "Bitte tippe j oder n.",
    "Please type a number from 0 to 10, or only Enter to leave it out.": (
        "Bitte tippe eine Zahl von 0 bis 10, oder nur Enter, um es auszulassen."
    ),
    "The sensor is streaming.": "Der Sensor sendet.",
    "Sensor {state}.": "Sensor: {state}.",
    "stale": "still",
    "reconnecting": "neuer Versuch",
    "Session finished.": "Übung fertig.",
    "Session stopped.": "Übung beendet.",
    "Session not begun: the safety questions advised against it.": (
        "Übung nicht begonnen: die Fragen zur Sicherheit sprachen dagegen."
    ),
    "Session over: the sensor or recording ended.": "Übung vorbei: das Signal war zu Ende.",
    "Session interrupted.": "Übung unterbrochen.",
    "{side} side: {number} point passed, {hand} of them by hand.": "{side}: {number} Punkt, davon {hand} von Hand.",
    "{side} side: {number} points passed, {hand} of them by hand.": "{side}: {number} Punkte, davon {hand} von Hand.",
    "Full breaths at a gate: {full}; not yet: {no}.": "Volle Atemzüge am Tor: {full}; noch nicht: {no}.",
    "SIMULATED: nobody breathed here.": "SIMULIERT: hier hat niemand geatmet.",
    # signal and sensor
    "signal good": "Signal gut",
    "no signal yet": "noch kein Signal",
    "signal has gaps": "Signal mit Lücken",
    "its clock jumps": "seine Uhr springt",
    "too tight: cut off": "zu eng: am Anschlag",
    "signal stands still": "Signal steht still",
    "not worn?": "nicht angelegt?",
    "strap loose?": "Gurt locker?",
    "breath too small to see": "Atem zu klein",
    "you are moving": "du bewegst dich",
    "not like your breath": "nicht wie dein Atem",
    "heart says otherwise": "Herz sagt etwas anderes",
    "finding your breath": "suche deinen Atem",
    "off": "aus",
    "searching": "sucht",
    "connecting": "verbindet",
    "starting": "beginnt",
    "streaming": "sendet",
    "silent": "still",
    "lost": "verloren",
    "trying again": "neuer Versuch",
    "ended": "zu Ende",
    "It is back. Space goes on, when you are ready.": "Er ist wieder da. Leertaste: weiter, wenn du so weit bist.",
    "Space goes on, when you are ready.": "Leertaste: weiter, wenn du so weit bist.",
    "Getting your sensor ready. Sit comfortably.": "Der Sensor wird bereit gemacht. Sitz bequem.",
    # questions
    "yes": "ja",
    "no": "nein",
    "x leaves it out": "x lässt es aus",
    "0 not at all, 10 the most\n← → or a digit, then Enter   ·   x leaves it out": (
        "0 gar nicht, 10 am meisten\n← → oder eine Ziffer, dann Enter   ·   x lässt es aus"
    ),
    # the end
    "Both sides done. Move a little before you get up.": "Beide Seiten fertig. Beweg dich etwas, bevor du aufstehst.",
    "Done. Move a little before you get up.": "Geschafft. Beweg dich etwas, bevor du aufstehst.",
    "Stopped, and saved. That is always right when something does not feel right.": (
        "Beendet und gespeichert. Das ist immer richtig, wenn sich etwas nicht richtig anfühlt."
    ),
    "Nothing was started.": "Es wurde nichts begonnen.",
    "The signal came to its end before the routine did. What there was is saved.": (
        "Das Signal war vor der Übung zu Ende. Was da war, ist gespeichert."
    ),
    "The session was interrupted. What there was is saved.": "Unterbrochen. Was da war, ist gespeichert.",
    "What there was is saved.": "Was da war, ist gespeichert.",
    "not reached": "nicht erreicht",
    "here": "hier",
    "by a full breath": "mit vollem Atemzug",
    "No full breath counted": "Kein voller Atemzug gezählt",
    "1 full breath counted": "1 voller Atemzug gezählt",
    "{full} full breaths counted": "{full} volle Atemzüge gezählt",
    ", 1 point passed by hand": ", 1 Punkt von Hand",
    ", {hand} points passed by hand": ", {hand} Punkte von Hand",
    "Not counted: {total}": "Nicht gezählt: {total}",
    "A note for yourself; Enter keeps it": "Eine Notiz für dich; Enter behält sie",
    "Enter done   n note   r report   e export": "Enter fertig   n Notiz   r Bericht   e Export",
    "Noted.": "Notiert.",
    "Exported as tables to {target}.": "Als Tabellen exportiert nach {target}.",
    "A page to look at or share: {target}.": "Eine Seite zum Ansehen oder Teilen: {target}.",
    # home
    "Turn a little. Sit tall. One full breath. It opens only for a breath really taken.": (
        "Etwas drehen. Aufrecht sitzen. Ein voller Atemzug. Nur ein wirklich genommener öffnet."
    ),
    "A breath-paced seated mobility session. Not a medical device; it does not diagnose or treat.": (
        "Eine sitzende Bewegungsübung im Takt des Atems. Kein Medizinprodukt; stellt keine Diagnose."
    ),
    "↑ ↓ and Enter   ? help   ctrl+p all actions   q leave": "↑ ↓ und Enter   ? Hilfe   ctrl+p alle Aktionen   q Ende",
    "t  Try it now, no strap": "t  Jetzt ausprobieren, ohne Gurt",
    "p  I have a strap": "p  Ich habe einen Gurt",
    "▸  Start again: {what}": "▸  Noch einmal: {what}",
    "{routine} with {source}": "{routine} mit {source}",
    "c  Choose a routine and a sensor": "c  Übung und Sensor wählen",
    "t  Try the simulator": "t  Simulation ausprobieren",
    "y  Be the body yourself, with the arrow keys": "y  Selbst der Körper sein, mit den Pfeiltasten",
    "p  Pair a strap": "p  Gurt verbinden",
    "h  History": "h  Verlauf",
    "s  Settings": "s  Einstellungen",
    # routines by their names, as their files say it
    "Breath only": "Nur Atmen",
    "Chair twist": "Drehen auf dem Stuhl",
    "First time": "Erstes Mal",
    "Hips and glutes": "Hüften und Gesäß",
    "Long spine": "Langer Rücken",
    "Seated twist": "Drehsitz",
    "Shoulders": "Schultern",
    # simulated people
    "Three breaths a minute at rest, with long pauses; a full breath takes fifteen seconds.": (
        "Drei Atemzüge in der Minute, mit langen Pausen; ein voller dauert fünfzehn Sekunden."
    ),
    "Breathes with the belly; the strap on the chest hardly moves in quiet breath.": (
        "Atmet mit dem Bauch; der Gurt an der Brust bewegt sich sonst kaum."
    ),
    "Moves the strap by hand at the gate, as much like a breath as a hand can, and now and then holds the breath "
    "for it.": (
        "Bewegt den Gurt am Tor mit der Hand, so atemähnlich es geht, und hält dabei manchmal den Atem an."
    ),
    "Coughs once or twice a minute, also at the gate.": "Hustet ein-, zweimal in der Minute, auch am Tor.",
    "The link is bad: gaps without a word, drops of seconds to half a minute, a stuck axis now and then.": (
        "Die Verbindung ist schlecht: stille Lücken, Aussetzer bis zu einer halben Minute, manchmal steht eine Achse."
    ),
    "Huge fast breaths, at once and again at once.": "Riesige schnelle Atemzüge, sofort und gleich noch einmal.",
    "Old and unhurried: small stiff chest, slow to react, long pauses, hardly any sinus arrhythmia.": (
        "Alt und gemächlich: kleiner, steifer Brustkorb, lange Pausen, das Herz folgt dem Atem kaum."
    ),
    "Leans at every gate instead of breathing, some leans as slow and small as a breath.": (
        "Neigt sich an jedem Tor, statt zu atmen, manchmal so langsam und klein wie ein Atemzug."
    ),
    "Fast, uneven, gasping breath; startled moves; wants out when refused.": (
        "Schneller, ungleicher, japsender Atem; zuckt zusammen; will heraus, wenn es nicht zählt."
    ),
    "Never quite still: shifts, leans, reaches, straightens, even where stillness was asked for.": (
        "Nie ganz still: rutscht, neigt sich, greift, richtet sich auf, auch wenn Ruhe verlangt ist."
    ),
    "Breathes in small sips and tries half-heartedly; some attempts are full, most are not.": (
        "Atmet in kleinen Schlucken und versucht es halbherzig; manche sind voll, die meisten nicht."
    ),
    "Follows until the first gate, then dozes: breathes on quietly and does nothing.": (
        "Macht bis zum ersten Tor mit, döst dann: atmet ruhig weiter und tut nichts."
    ),
    "Listens well, breathes evenly, takes full breaths when asked.": (
        "Hört gut zu, atmet gleichmäßig, nimmt volle Atemzüge, wenn gebeten."
    ),
    "The strap is loose: it turns on the chest, is taken off and put on again.": (
        "Der Gurt sitzt locker: er dreht sich, wird abgenommen und wieder angelegt."
    ),
    "Talks through everything, laughs, and breathes in between.": "Redet ständig, lacht, und atmet dazwischen.",
    "Pauses and goes on with two taps on the strap, stops with three.": (
        "Pause und weiter mit zweimal Klopfen auf den Gurt, Schluss mit dreimal."
    ),
    "Wears the strap upside down and askew.": "Trägt den Gurt verkehrt herum und schief.",
    # pages
    "Search": "Suchen",
    "ESC back": "ESC zurück",
    "Choose": "Wählen",
    "Routine": "Übung",
    "Sensor, or a simulated person": "Sensor oder simulierter Mensch",
    "↑ ↓ choose   Tab other list   Enter start   ESC back": "↑ ↓ wählen   Tab andere Liste   Enter los   ESC zurück",
    "History": "Verlauf",
    "↑ ↓ choose   Enter look   e export   ESC back": "↑ ↓ wählen   Enter ansehen   e Export   ESC zurück",
    "Nothing here yet. Try it now on the home screen records a first session.": "Hier ist noch nichts.",
    "running": "läuft",
    "finished": "fertig",
    "stopped": "beendet",
    "screened_out": "nicht begonnen",
    "sensor_ended": "Signal zu Ende",
    "interrupted": "unterbrochen",
    "no point passed": "kein Punkt",
    "last {days} days": "{days} Tage",
    "1 session": "1 Übung",
    "{number} sessions": "{number} Übungen",
    "← → scroll   + − zoom   n next gate   b gate before   e export   ESC back": (
        "← → blättern   + − Ausschnitt   n b Tor vor, zurück   e Export   ESC zurück"
    ),
    "{start} to {end} of {whole}": "{start} bis {end} von {whole}",
    "gate {number} of {all}": "Tor {number} von {all}",
    "no breath was judged": "kein Atemzug wurde beurteilt",
    "✓ opened": "✓ geöffnet",
    "× not counted": "× nicht gezählt",
    "{side} side, point {point}": "{side}, Punkt {point}",
    "at {time}": "bei {time}",
    "limit {limit}": "Grenze {limit}",
    "That did not work": "Das ging nicht",
    "Help": "Hilfe",
    "Space or ? closes this.   ctrl+p all actions   ctrl+c leave": (
        "Leertaste oder ? schließt.   ctrl+p alle Aktionen   ctrl+c Ende"
    ),
    "As you breathe in, your ribs and the joints of the middle back move a little. "
    "Let that small movement do the work; do not pull.": (
        "Beim Einatmen bewegen sich die Rippen und die Gelenke des mittleren Rückens ein wenig. "
        "Lass diese kleine Bewegung arbeiten; zieh nicht."
    ),
    # settings
    "Settings": "Einstellungen",
    "↑ ↓ choose   ← → or Enter change   ESC back": "↑ ↓ wählen   ← → oder Enter ändern   ESC zurück",
    "Sound counts from the next session on.": "Der Klang gilt ab der nächsten Übung.",
    "Colours": "Farben",
    "Sound": "Klang",
    "Volume": "Laut",
    "Speech": "Stimme",
    "Motion": "Bewegung",
    "Language": "Sprache",
    "Targets": "Zahlen",
    "dark": "dunkel",
    "light": "hell",
    "the terminal's own, dark": "die des Terminals, dunkel",
    "the terminal's own, light": "die des Terminals, hell",
    "voice and tones": "Stimme und Töne",
    "tones only": "nur Töne",
    "no sound": "stumm",
    "{number} words a minute": "{number} Wörter in der Minute",
    "calm: only the breath moves": "ruhig: nur der Atem bewegt sich",
    "as it is": "wie es ist",
    "what a full breath is, rests and limits: Enter": "was ein voller Atemzug ist, Pausen, Grenzen: Enter",
    "What a full breath is, and its limits": "Was ein voller Atemzug ist, und seine Grenzen",
    "↑ ↓ choose   ← → change   d default   D all defaults   ESC back": (
        "↑ ↓ wählen   ← → ändern   d Vorgabe   D alle Vorgaben   ESC zurück"
    ),
    "Counts from the next session on.": "Gilt ab der nächsten Übung.",
    "default {default}": "Vorgabe {default}",
    "{low} to {high} {unit}, default {default}": "{low} bis {high} {unit}, Vorgabe {default}",
    "quiet breaths": "Atemzüge wie sonst",
    "breaths": "Atemzüge",
    "refusals": "Ablehnungen",
    "of A_full": "des vollen",
    "of the rise": "des Anstiegs",
    "of the bar": "der Schwelle",
    "of the median": "des Medians",
    "A full breath": "Ein voller Atemzug",
    "Finding your breath": "Deinen Atem finden",
    "Rests and limits": "Pausen und Grenzen",
    "How it speaks": "Wie gesprochen wird",
    "at least, in usual breaths": "mindestens, in Atemzügen wie sonst",
    "at least, of your own full breath": "mindestens, von deinem vollen Atemzug",
    "but never more than, of your own full breath": "doch nie mehr, von deinem vollen Atemzug",
    "plenty above, of your own full breath": "reichlich ab, von deinem vollen Atemzug",
    "the inhale takes at least": "das Einatmen dauert mindestens",
    "in and out together take at least": "ein und aus dauern zusammen mindestens",
    "the air is out again when back by": "ausgeatmet ist er, wenn zurück um",
    "sit still before it for": "davor still sitzen",
    "leaning allowed meanwhile": "Neigen erlaubt bis",
    "slumping allowed meanwhile": "Einsinken erlaubt bis",
    "offer a smaller one after": "einen kleineren anbieten nach",
    "a smaller one is smaller by": "ein kleinerer ist kleiner um",
    "but never smaller than": "doch nie kleiner als",
    "say yes or no within": "ja oder nein sagen binnen",
    "longest gap in the signal": "längste Lücke im Signal",
    "signal at least this good (0 to 1)": "Signal mindestens so gut (0 bis 1)",
    "usual breaths measured": "gemessene Atemzüge wie sonst",
    "give up after": "aufgeben nach",
    "full breaths measured": "gemessene volle Atemzüge",
    "a full one is at least": "ein voller ist mindestens",
    "they may differ by": "sie dürfen abweichen um",
    "breaths to settle in a posture": "Atemzüge zum Ankommen",
    "deep breaths a minute, at most": "tiefe Atemzüge je Minute, höchstens",
    "usual breaths in between": "Atemzüge wie sonst dazwischen",
    "rest after so many deep breaths": "Ruhe nach so vielen tiefen",
    "a rest takes": "eine Ruhe dauert",
    "deep breaths a session, at most": "tiefe Atemzüge je Übung, höchstens",
    "at one point, at most": "an einem Punkt, höchstens",
    "in the twist, at most": "gedreht, höchstens",
    "signal counts as lost after": "Signal gilt als verloren nach",
    "lost so long: back to the middle": "so lange verloren: zur Mitte",
    "the same sentence again after": "derselbe Satz wieder nach",
    "a turn is worth a word from": "Drehung der Rede wert ab",
    # pairing
    "Pair a strap": "Gurt verbinden",
    "↑ ↓ choose   Enter try this one   ESC back": "↑ ↓ wählen   Enter diesen ausprobieren   ESC zurück",
    "Looking for straps. Put yours on: most send only when worn.": (
        "Suche Gurte. Leg deinen an: die meisten senden nur angelegt."
    ),
    "Enter keep it under this name   ESC back, not this one": "Enter unter diesem Namen behalten   ESC nicht diesen",
    "Breathe: do you see yourself?": "Atme: siehst du dich?",
    "Connecting to {name} ...": "Verbinde mit {name} ...",
    "Connected to {name}.": "Verbunden mit {name}.",
    "Keep it as": "Behalten als",
    "▸  Start a first session with it": "▸  Eine erste Übung damit beginnen",
    "Home": "Anfang",
    "Letting the strap go ...": "Der Gurt wird losgelassen ...",
    "Remembered as {name}.": "Gemerkt als {name}.",
    "↑ ↓ choose   Enter   ESC home": "↑ ↓ wählen   Enter   ESC Anfang",
    "listening: breathe as usual for a few breaths": "ich höre: atme ein paar Züge wie sonst",
    "yes, your breath is seen well": "ja, dein Atem ist gut zu sehen",
    "your breath is seen, but not well: a little tighter, or a little lower?": (
        "dein Atem ist zu sehen, aber schlecht: etwas fester, oder etwas tiefer?"
    ),
    "I cannot see your breath: a little tighter, or a little lower?": (
        "Ich sehe deinen Atem nicht: etwas fester, oder etwas tiefer?"
    ),
    "near": "nah",
    "there": "da",
    "far": "fern",
    # all actions
    "Go on": "Weiter",
    "Back off": "Zurück",
    "Nothing holds": "Nichts hält",
    "By hand": "Von Hand",
    "Smaller bar": "Kleiner",
    "Pause": "Pause",
    "Stop": "Aufhören",
    "Choose a routine and a sensor": "Übung und Sensor wählen",
    "Then start it.": "Dann beginnen.",
    "Look for straps near by.": "Gurte in der Nähe suchen.",
    "Past sessions.": "Frühere Übungen.",
    "Colours, motion, sound.": "Farben, Bild, Klang.",
    "Numbers of the gate, each within its bounds.": "Die Zahlen des Tors, jede in ihren Grenzen.",
    "What this screen shows, and every key.": "Was dieser Bildschirm zeigt, und jede Taste.",
    "Picture": "Bild",
    "Keep this screen as an SVG file.": "Diesen Bildschirm als SVG-Datei behalten.",
    "Leave": "Ende",
    "A running session is stopped and saved first.": "Eine laufende Übung wird erst beendet und gespeichert.",
    # help
    "Arrow keys and Enter, or the letter in front. Try it now runs a simulated person: nothing needs to be worn. "
    "During a session ESC is always STOP.": (
        "Pfeiltasten und Enter, oder der Buchstabe davor. Ausprobieren zeigt einen simulierten Menschen: nichts muss "
        "angelegt sein. Während einer Übung heißt ESC immer STOP."
    ),
    "The big word says what to do now. The column fills with your inhale: ┄ usual is a usual breath, the band "
    "from ┄ full to ┄ plenty is a full one. The gate opens only for a full breath, really taken, while you are "
    "still; the line in quotes says why it did not. In the trace ▴ is a breath, ✓ a full breath that counted, "
    "× one that did not, ▒ movement, an empty stretch no signal.": (
        "Das große Wort sagt, was jetzt zu tun ist. Die Säule füllt sich mit deinem Einatmen: ┄ sonst ist ein Atemzug "
        "wie sonst, das Band von ┄ voll bis ┄ viel ein voller. Das Tor öffnet nur für einen vollen, wirklich "
        "genommenen Atemzug, während du still bist; die Zeile in Anführungszeichen sagt, warum nicht. In der Spur ist "
        "▴ ein Atemzug, ✓ ein voller, der zählte, × einer, der nicht zählte, ▒ Bewegung, leer kein Signal."
    ),
    "First your usual breath is measured: sit upright and breathe as you always do. Then three comfortable full "
    "breaths: slowly in through the nose until you naturally stop. Nothing is assumed: without this the gate "
    "stays shut. Comfortable, not the biggest.": (
        "Erst wird dein Atem wie sonst gemessen: sitz aufrecht und atme wie immer. Dann drei bequeme volle Atemzüge: "
        "langsam durch die Nase ein, bis du von selbst aufhörst. Nichts wird angenommen: ohne das bleibt das Tor zu. "
        "Bequem, nicht so tief wie möglich."
    ),
    "Stay where it is comfortable, or come back to the middle. When the signal is back, it goes on only at your "
    "word (space), at the last point passed.": (
        "Bleib, wo es bequem ist, oder komm zur Mitte zurück. Ist das Signal wieder da, geht es nur auf dein Wort "
        "weiter (Leertaste), beim letzten geschafften Punkt."
    ),
    "Turn back to the middle, slowly. Then a few breaths as usual; they are counted. Nothing to achieve.": (
        "Dreh langsam zur Mitte zurück. Dann ein paar Atemzüge wie sonst; sie werden gezählt. Nichts ist zu erreichen."
    ),
    "Yes or no: y or n. Nought to ten: the arrow keys or a digit, then Enter; 0 is not at all, 10 is as stiff or "
    "sore as it gets. x leaves a question out. Your answers stay on this machine.": (
        "Ja oder nein: y oder n. Null bis zehn: Pfeiltasten oder eine Ziffer, dann Enter; 0 ist gar nicht, 10 so steif "
        "oder wund wie nur möglich. x lässt eine Frage aus. Deine Antworten bleiben auf diesem Rechner."
    ),
    "✓ a point passed by a full breath, ◇ by hand. n keeps a note with the session, r writes a page to look at or "
    "share, e writes tables; both into the folder you are in. Enter or q leaves.": (
        "✓ ein Punkt mit vollem Atemzug, ◇ von Hand. n behält eine Notiz, r schreibt eine Seite zum Ansehen oder "
        "Teilen, e schreibt Tabellen; beides in den Ordner, in dem du bist. Enter oder q geht weiter."
    ),
    "The sensor is being reached. ESC leaves.": "Der Sensor wird erreicht. ESC geht zurück.",
    "Left the routine, right the sensor or the simulated person. Enter starts with both marked lines.": (
        "Links die Übung, rechts der Sensor oder der simulierte Mensch. Enter beginnt mit beiden markierten Zeilen."
    ),
    "Each line is a session: when, which routine and sensor, points passed right and left (◇ by hand). Simulated "
    "ones say so and do not count in the sums above.": (
        "Jede Zeile ist eine Übung: wann, welche, mit welchem Sensor, Punkte rechts und links (◇ von Hand). Simulierte "
        "sagen es und zählen oben nicht mit."
    ),
    "← → scroll, + and − zoom, n and b go from gate to gate; below stands what was decided and why, clause by "
    "clause. ✓ marks a breath that opened the gate, × one that did not, ▒ movement. At first the trace is the raw "
    "signal; some seconds later it is the level as it stood on the screen then.": (
        "← → blättern, + und − ändern den Ausschnitt, n und b gehen von Tor zu Tor; darunter steht, was entschieden "
        "wurde und warum. ✓ ist ein Atemzug, der das Tor öffnete, × einer, der nicht, ▒ Bewegung. Zuerst ist die Spur "
        "das rohe Signal, einige Sekunden später so, wie sie damals auf dem Bildschirm stand."
    ),
    "← → change a line, at once; Enter goes on to its next value, after the last to the first. The last line "
    "leads to what a full breath must be, to rests and limits: numbers with bounds in your settings file. No "
    "setting can lift a limit.": (
        "← → ändern eine Zeile sofort; Enter geht zum nächsten Wert, nach dem letzten zum ersten. Die letzte Zeile "
        "führt zu den Zahlen: was ein voller Atemzug ist, Pausen und Grenzen. Keine Einstellung hebt eine Grenze auf."
    ),
    "← → change a number and keep it in your settings file; it counts from the next session on. Below stands what "
    "it may be; ▸ marks those that are not the default. d takes a line back to its default, D all of them. "
    "No number can lift a limit or open the gate without a full breath.": (
        "← → ändern eine Zahl und behalten sie in deiner Einstellungsdatei; sie gilt ab der nächsten Übung. Darunter "
        "steht, was sie sein darf; ▸ ist nicht die Vorgabe. d stellt eine Zeile auf die Vorgabe zurück, D alle. Keine "
        "Zahl hebt eine Grenze auf oder öffnet das Tor ohne vollen Atemzug."
    ),
    "Wear the strap and wet its electrodes: most straps send only when worn. Those that see the breath come first, "
    "the strongest before the others. Enter connects to it: do you see yourself breathe?": (
        "Leg den Gurt an und feuchte die Elektroden an: die meisten senden nur angelegt. Die den Atem sehen, stehen "
        "zuerst, der stärkste vorn. Enter verbindet: siehst du dich atmen?"
    ),
    "The line is your breath as the strap feels it; which way is in is learned later. Move the strap about until "
    "it is seen well. Enter remembers it under the name in the field; ESC lets it go. Nothing is recorded here.": (
        "Die Linie ist dein Atem, wie der Gurt ihn fühlt; wo ein ist, wird später gelernt. Verschieb den Gurt, bis er "
        "gut zu sehen ist. Enter merkt ihn sich unter dem Namen im Feld; ESC lässt ihn los. Nichts wird aufgezeichnet."
    ),
    "Nothing was recorded that is lost. ESC goes back, and you can try again.": (
        "Nichts Aufgezeichnetes ist verloren. ESC geht zurück, dann noch einmal."
    ),
}
