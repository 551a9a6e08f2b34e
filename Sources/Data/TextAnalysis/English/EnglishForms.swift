/// English words whose forms follow no rule, each line a base form and its forms.
enum EnglishForms {
  /// Verbs: base, past, participle and what else is irregular.
  static let verbs = table(
    """
    be am is are was were been being 'm 're isn aren wasn weren
    have has had having 've
    do does did done doing
    go goes went gone
    say said;make made;take took taken;come came;see saw seen;know knew known;get got gotten;give gave given
    find found;think thought;tell told;become became;leave left;feel felt;bring brought;begin began begun
    keep kept;hold held;write wrote written;stand stood;hear heard;mean meant;meet met;run ran;pay paid;sit sat
    speak spoke spoken;lie lay lain lying;lead led;grow grew grown;lose lost;fall fell fallen;send sent;build built
    understand understood;draw drew drawn;break broke broken;spend spent;rise rose risen;drive drove driven
    buy bought;wear wore worn;choose chose chosen;seek sought;throw threw thrown;catch caught;deal dealt;win won
    forget forgot forgotten;fly flew flown;sell sold;fight fought;teach taught;eat ate eaten;sing sang sung
    strike struck stricken;hang hung;shake shook shaken;ride rode ridden;feed fed;shoot shot;drink drank drunk
    hide hid hidden;swing swung;blow blew blown;sleep slept;steal stole stolen;freeze froze frozen;sweep swept
    swim swam swum;wake woke woken;stick stuck;slide slid;bite bit bitten;tear tore torn;lend lent;bend bent
    swear swore sworn;ring rang rung;shrink shrank shrunk;sink sank sunk;spring sprang sprung;stink stank stunk
    weave wove woven;spin spun;cling clung;dig dug;wind wound;grind ground;bind bound;lay laid;bleed bled
    breed bred;creep crept;kneel knelt;leap leapt;learn learnt;burn burnt;dream dreamt;spell spelt;spill spilt
    smell smelt;spoil spoilt;weep wept;speed sped;shine shone;sting stung;tread trod trodden;withdraw withdrew withdrawn
    overcome overcame;undergo underwent undergone;undertake undertook undertaken;mistake mistook mistaken
    forgive forgave forgiven;forbid forbade forbidden;arise arose arisen;awake awoke awoken;bear bore born borne
    beat beaten;overtake overtook overtaken;foresee foresaw foreseen;rebuild rebuilt;resell resold;resend resent
    rewrite rewrote rewritten;redo redid redone redoes;undo undid undone undoes;outgrow outgrew outgrown
    oversleep overslept;light lit;shut shutting;put putting;set setting;cut cutting;hit hitting;let letting;quit quitting
    cost costing;hurt hurting;split splitting;spread spreading;burst bursting;cast casting;read reading;bet betting
    die dying died dies;tie tying tied ties;agree agreed agreeing agrees;free freed freeing;show showed shown
    prove proved proven;mow mown;sew sewn;saw sawn;swell swollen;shave shaven;disagree disagreed disagreeing
    can could ca;will would wo 'll;shall should sha;may might;must;ought
    panic panicked panicking;picnic picnicked picnicking;mimic mimicked mimicking;traffic trafficked trafficking
    focus focused focusing focuses focussed;bus bused buses;gas gassed gasses;use used using uses
    """)

  /// Nouns: singular and plural.
  static let nouns = table(
    """
    man men;woman women;child children;person people;foot feet;tooth teeth;goose geese;mouse mice;louse lice;ox oxen
    leaf leaves;life lives;wife wives;knife knives;half halves;shelf shelves;self selves;wolf wolves;thief thieves
    loaf loaves;calf calves;elf elves;scarf scarves;hoof hooves;yourself yourselves;ourselves;themselves
    analysis analyses;crisis crises;thesis theses;basis bases;diagnosis diagnoses;hypothesis hypotheses;oasis oases
    criterion criteria;phenomenon phenomena;cactus cacti;focus foci;fungus fungi;nucleus nuclei;radius radii;stimulus stimuli
    index indices;matrix matrices;vertex vertices;appendix appendices;curriculum curricula;medium media;datum data
    die dice;penny pence;series;species;news;means;headquarters;scissors;trousers;jeans;pants;glasses;clothes;shorts
    always;perhaps;maths;physics;economics;politics;gallows;lens lenses;gas gases;bus buses;bias biases;virus viruses
    campus campuses;status statuses;bonus bonuses;cactus;atlas atlases;iris irises;canvas canvases;christmas;this;us;yes
    potato potatoes;tomato tomatoes;hero heroes;echo echoes;shoe shoes;toe toes;movie movies;cookie cookies;tie ties
    pie pies;zombie zombies;selfie selfies;hoodie hoodies;headset headsets;axis axes;quiz quizzes;process processes
    """)

  /// Adjectives and adverbs: positive, comparative, superlative.
  static let adjectives = table(
    """
    good better best;bad worse worst;far farther farthest further furthest;little less least;many more most
    well;much;old older oldest elder eldest;dry drier driest;shy shyer shyest;other;late later latest;early earlier earliest
    free freer freest;true truer truest;whole;under;over;ever;never;after;rather;either;neither;together;rest;west;test
    honest;modest;proper;super;inner;outer;upper;low lower lowest;former;clever cleverer cleverest
    """)

  /// Form → base; the first word of a line is its own base.
  private static func table(_ text: String) -> [String: String] {
    var result: [String: String] = [:]
    for line in text.split(whereSeparator: { $0 == "\n" || $0 == ";" }) {
      let forms = line.split(separator: " ").map(String.init)
      for form in forms where result[form] == nil { result[form] = forms[0] }
    }
    return result
  }
}
