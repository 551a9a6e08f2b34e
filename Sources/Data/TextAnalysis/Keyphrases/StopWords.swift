import Foundation

/// Words that say nothing of what a text is about.
///
/// ```swift
/// StopWords.essential.contains("的")   // true
/// let all = try StopWords(lexiconFolder: folder)   // with the lists that `fetch-data chinese-lexicons` brings
/// ```
public struct StopWords: Sendable, Codable, Equatable {
  /// The words, in small letters.
  public var words: Set<String>

  /// These words.
  public init(_ words: some Sequence<String>) { self.words = Set(words) }

  /// The words of the fetched lists of jionlp and cntext (Chinese and English) and the essential ones.
  ///
  /// - Throws: `TextError.missingFile`.
  public init(lexiconFolder folder: URL) throws {
    words = Self.essential.words
    let list = folder.appendingPathComponent("jionlp/stopwords.txt")
    let lexicon = folder.appendingPathComponent("cntext/enzh_common_StopWords.yaml")
    for line in try Self.lines(of: list) {
      words.insert(line.trimmingCharacters(in: .whitespaces).lowercased())
    }
    for line in try Self.lines(of: lexicon) {
      let entry = line.trimmingCharacters(in: .whitespaces)
      guard entry.hasPrefix("- ") else { continue }
      words.insert(entry.dropFirst(2).trimmingCharacters(in: CharacterSet(charactersIn: "'\" ")).lowercased())
    }
    // What tells opinions and needs is kept, whatever the lists say.
    words.subtract(Self.telling)
    words.remove("")
  }

  /// Whether a word says nothing; capitals do not matter.
  public func contains(_ word: String) -> Bool { words.contains(word) || words.contains(word.lowercased()) }

  private static func lines(of file: URL) throws -> [Substring] {
    guard let data = try? Data(contentsOf: file) else {
      throw TextError.missingFile(path: file.path, hint: "scripts/fetch-data chinese-lexicons brings it")
    }
    return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
  }

  private static let telling = EnglishWords.words(
    "快递 物流 价格 质量 服务 便宜 贵 差 好 快 慢 大 小 多 少 高 低 新 旧 good bad best worst price quality service value cheap small big long short"
  )

  /// The words without which no text of either language is written.
  public static let essential = StopWords(
    EnglishWords.words(
      """
      a an the this that these those i me my mine we us our you your he him his she her it its they them their who whom
      whose which what where when why how be am is are was were been being have has had having do does did done doing
      will would shall should can could may might must and or but nor so yet if then else than as of at by for with about after before during against between through without within
      into onto to from in on off out up down over under again once here there all any both each few more most other some
      such no not only own same too very just also even still ever never always now n't 's 'm 're 've 'll 'd ca wo s t
      don't i'm it's i've because while until since although though however really quite much many lot lots thing things
      get got gets getting go going went come came make made one two first would like via per etc 's let us
      的 了 是 在 我 你 您 他 她 它 们 我们 你们 他们 她们 自己 这 那 这个 那个 这些 那些 这样 那样 这么 那么 这里 那里 什么 怎么 怎样 为什么
      哪 哪个 哪里 谁 几 多少 和 与 及 或 或者 而 而且 并 并且 但 但是 可是 不过 虽然 因为 所以 如果 要是 就 就是 才 都 也 还 还是 又 再 很 太
      非常 十分 特别 比较 挺 蛮 真 真的 真是 有 没 没有 不 不是 会 能 可以 可能 要 想 应该 得 地 着 过 吧 吗 呢 啊 哦 呀 嘛 啦 哈 哈哈 呵呵 把 被
      给 对 对于 关于 从 到 向 往 由 以 以及 为 为了 于 之 其 其中 等 等等 个 一个 一 二 两 三 一下 一些 一点 一样 一直 一定 些 点 次 种 里 上 下
      中 内 外 前 后 时 时候 现在 今天 昨天 已经 曾经 正在 刚 刚刚 马上 只 只是 只有 仅 最 更 更加 越来越 大家 别人 人 东西 说 觉得 感觉 知道 看 看到
      来 去 做 让 使 用 买 买了 本 该 各 每 某 另 另外 其他 其它 然后 于是 因此 由于 即 即使 既 既然 无论 不管 只要 只能 不会 不能 不要 起来 出来
      下来 下去 上去 过来 过去 进去 总之 反正 其实 当然 确实 的话 之后 之前 以后 以前 一般 几乎 起 多 好像 似乎 还有 那种 这种 还要 有点 有些
      """))
}
