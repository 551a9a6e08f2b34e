import Foundation

/// What language a text is in, and how surely.
public struct DetectedLanguage: Sendable, Codable, Equatable {
  /// A language, or why there is none.
  public enum Kind: String, Sendable, Codable, CaseIterable {
    /// Chinese in simplified characters, or without any that tell.
    case simplifiedChinese = "zh-Hans"
    /// Chinese in traditional characters.
    case traditionalChinese = "zh-Hant"
    /// English.
    case english = "en"
    /// Another language.
    case other
    /// Too little to tell.
    case undecided
  }

  /// The language.
  public var kind: Kind
  /// How surely it is that language, from 0 to 1; 0 when undecided.
  public var probability: Double

  /// A language with its probability.
  public init(kind: Kind, probability: Double) { (self.kind, self.probability) = (kind, probability) }

  /// The language as texts are understood in it; nil for other ones and when undecided.
  public var language: TextLanguage? {
    switch kind {
    case .simplifiedChinese, .traditionalChinese: .chinese
    case .english: .english
    case .other, .undecided: nil
    }
  }
}

/// Tells Chinese (simplified or traditional), English and other languages apart.
///
/// ```swift
/// LanguageDetection().detect("物流很快，质量也不错").kind   // .simplifiedChinese
/// ```
/// Scripts decide first: Chinese characters without kana or hangul are Chinese. Latin letters are judged word by word: common
/// words of English speak for it, common words of Spanish, French, German, Italian, Portuguese and Dutch and marked letters
/// against it, and other words by how usual their pairs of letters are in English. Where both scripts stand in one text, one
/// Chinese character counts as much as a third of a word. Rules of our own; no table of outside origin.
/// - Complexity: O(n) for the first `longestLook` signs.
public struct LanguageDetection: Sendable, Codable, Equatable {
  /// A language less probable than this is undecided.
  public var leastProbability: Double
  /// How many signs are looked at.
  public var longestLook: Int

  /// Detection with these settings.
  public init(leastProbability: Double = 0.6, longestLook: Int = 4_000) {
    self.leastProbability = leastProbability
    self.longestLook = longestLook
  }

  /// The language of a text.
  public func detect(_ text: String) -> DetectedLanguage {
    var counts = ScriptCounts()
    for scalar in text.unicodeScalars.prefix(longestLook) { counts.add(scalar) }
    counts.endWord()
    let han = Double(counts.han) / 3
    let foreign = Double(counts.kana + counts.hangul + counts.otherLetters) / 3
    let latin = Double(counts.words)
    let total = han + latin + foreign
    guard total > 0, counts.han > 1 || latin >= 1 || foreign >= 0.6 else {
      return DetectedLanguage(kind: .undecided, probability: 0)
    }
    let english = 1 / (1 + exp(-counts.englishLogOdds))
    // Kana among Chinese characters make the text Japanese.
    let isJapanese = counts.kana * 10 > counts.han
    let shares: [(DetectedLanguage.Kind, Double)] = [
      (counts.chineseKind, isJapanese ? 0 : han / total),
      (.english, latin / total * english),
      (.other, (foreign + (isJapanese ? han : 0) + latin * (1 - english)) / total),
    ]
    guard let best = shares.max(by: { $0.1 < $1.1 }) else {
      return DetectedLanguage(kind: .undecided, probability: 0)
    }
    // A mixture of Chinese and English is Chinese as soon as most of it is not English by far: "iPhone15 很好用".
    if counts.han >= 2, !isJapanese, han / total >= 0.25 {
      return DetectedLanguage(kind: counts.chineseKind, probability: max(leastProbability, han / total))
    }
    guard best.1 >= leastProbability else { return DetectedLanguage(kind: .undecided, probability: 0) }
    return DetectedLanguage(kind: best.0, probability: best.1)
  }
}

/// The letters of a text by script.
private struct ScriptCounts {
  var han = 0
  var kana = 0
  var hangul = 0
  var otherLetters = 0
  var words = 0
  var simplified = 0
  var traditional = 0
  var englishLogOdds = 0.0
  private var word = ""
  private var isMarked = false

  var chineseKind: DetectedLanguage.Kind {
    traditional > simplified ? .traditionalChinese : .simplifiedChinese
  }

  mutating func add(_ scalar: Unicode.Scalar) {
    if scalar.isLatin || (scalar == "'" && !word.isEmpty) {
      word.unicodeScalars.append(
        scalar.isCapital && scalar.isASCII ? Unicode.Scalar(UInt8(scalar.value + 32)) : scalar)
      if !scalar.isASCII { isMarked = true }
      return
    }
    endWord()
    switch scalar.value {
    case 0x3040...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9D: kana += 1
    case 0xAC00...0xD7AF, 0x1100...0x11FF: hangul += 1
    case _ where scalar.isHan:
      han += 1
      if Self.traditionalOnly.contains(scalar) { traditional += 1 }
      if Self.simplifiedOnly.contains(scalar) { simplified += 1 }
    case 0x80... where scalar.properties.isAlphabetic: otherLetters += 1
    default: break
    }
  }

  mutating func endWord() {
    defer {
      word = ""
      isMarked = false
    }
    guard !word.isEmpty else { return }
    words += 1
    if EnglishWords.common.contains(word) {
      englishLogOdds += EnglishWords.shared.contains(word) ? 0.3 : 2
    } else if EnglishWords.foreign.contains(word) {
      englishLogOdds -= 2
    } else if isMarked {
      englishLogOdds -= 1.5
    } else if word.unicodeScalars.count > 2 {
      englishLogOdds += EnglishWords.letterEvidence(word)
    } else {
      englishLogOdds += 0.05
    }
  }

  // The most used characters that the reform of writing changed, in both forms.
  private static let traditionalOnly = Set(
    "這們個來時國說學會對爲為過後發現還沒麼樣點經開關買賣東車見門長問題實電話機體動產業種樂歡愛覺認識讓請給從應當聽讀寫書畫紙張質評價錢貨運輸遞達寶貝衛網頁號碼級別類總統權結構設計廠牌優勢價紅綠藍黃顏氣溫熱濕乾燈鍵盤線帶褲裝髮頭臉護膚藥飯麵雞魚鴨豬園飛鳥馬萬億兩雙幾極較輕鬆難簡單復雜舊壞壓縮邊遠進這裡裏麗靜聲響變換補償償賠訴訟訊視頻圖像檔儲輯辦處務員際際區縣鄉鎮灣島嶼麥"
      .unicodeScalars)
  private static let simplifiedOnly = Set(
    "这们个来时国说学会对为过后发现还没么样点经开关买卖东车见门长问题实电话机体动产业种乐欢爱觉认识让请给从应当听读写书画纸张质评价钱货运输递达宝贝卫网页号码级别类总统权结构设计厂优势红绿蓝黄颜气温热湿干灯键盘线带裤装发头脸护肤药饭面鸡鱼鸭猪园飞鸟马万亿两双几极较轻松难简单复杂旧坏压缩边远进丽静声响变换补偿赔诉讼讯视频图像档储辑办处务员际区县乡镇湾岛屿麦"
      .unicodeScalars
  ).subtracting(traditionalOnly)
}

/// What is known of English words in general.
enum EnglishWords {
  /// The most used words, and those of shopping.
  static let common = words(
    """
    the of and to a in is it you that was for on are with as i his they be at one have this from or had by not but what
    all were we when your can said there use an each which she do how their if will up other about out many then them
    these so some her would make like him into time has look two more write go see number no way could people my than
    first been call who its now find long down day did get come made may part over new after also back only know little
    very good great nice bad well just because any work place year me give most through before too same right think
    never much where why here off again our us am does doesn't don't didn't won't can't it's i'm i've isn't wasn't
    love loved hate hated works worked broke broken buy bought product quality price cheap expensive size color fit fits
    fast slow delivery shipping arrived package box return refund money waste recommend easy hard perfect excellent
    terrible awful poor battery screen phone still even really ordered order received item seller service star stars
    wish want need should better best worst than every little bit few months weeks days hours looks feel feels small
    large big thing things quite however while since until without using used happy disappointed cannot both
    """)

  /// Words that other languages have too: they say little.
  static let shared = words("a i in is was me no on do so am an as we he go he's die den des box her us also")

  /// The most used words of other languages in Latin letters.
  static let foreign = words(
    """
    el la los las un una unos del al que de y es en por con para como pero muy más mas sin su sus este esta todo hay le les
    une et est dans pour pas plus avec sur ce cette qui nous vous je il elle ils sont mais très bien du au aux ne se son sa
    der das und ist nicht ein eine einen mit auf für von dem zu sich auch wie aber oder sehr wir ich sie er es war nur noch
    il lo gli di che non per sono questo questa molto anche ma come della nel alla è ho ottimo
    o os um uma não na em mais mas foi muito bom produto isso são
    het een van en niet dat voor zijn met maar ook naar bij heel goed wel
    """)

  /// How much a word of small ASCII letters looks English: each pair of letters speaks for or against it.
  static func letterEvidence(_ word: String) -> Double {
    var (score, pairs) = (0.0, 0.0)
    var previous: UInt8 = 0
    for letter in word.utf8 {
      if previous != 0 {
        pairs += 1
        let pair = UInt16(previous) << 8 | UInt16(letter)
        score += usual.contains(pair) ? 0.5 : unusual.contains(pair) ? -1 : -0.15
      }
      previous = letter
    }
    return pairs == 0 ? 0 : max(-0.8, min(0.8, 1.4 * score / pairs))
  }

  private static let usual = letterPairs(
    """
    th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si ar ve ra ld ur
    ly ck ow wh sh ch ee oo gh ss ll ff tt pp ay ey ty ry ny ey ks ke ny my by ew aw wo wa we wi ht igh ic ing om us ut
    ro ri io co me ne li la ma ce ho be el ec ac nc ni di pr tr ge rs no na mo ta lo su ts
    """)
  private static let unusual = letterPairs(
    "ij aa jn zj ñ uo eiß cz sz zz gl gn nh lh oã çã aj ej oj uj uu ii ao eo oa ia iv vr wr kt rz ue ui qu iu eu ux eq rq dz zu zo zi vo je jo ja ju"
  ).subtracting(letterPairs("qu oa ia iv ue ui vo jo ju je ja"))

  private static func letterPairs(_ text: String) -> Set<UInt16> {
    Set(
      text.split(whereSeparator: { $0 == " " || $0 == "\n" }).compactMap { pair in
        let letters = Array(pair.utf8)
        return letters.count == 2 ? UInt16(letters[0]) << 8 | UInt16(letters[1]) : nil
      })
  }

  static func words(_ text: String) -> Set<String> {
    Set(text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
  }
}
