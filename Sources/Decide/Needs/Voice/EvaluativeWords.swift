import TextAnalysis

/// Words that judge, wish or ask without saying what about: they neither name a need nor make two sentences alike.
enum EvaluativeWords {
  /// What is left of a sentence's terms when such words are taken away.
  static func content(of terms: [String]) -> [String] {
    // 这家, 那种: words that point say nothing either.
    terms.filter { !words.contains($0) && !$0.hasPrefix("这") && !$0.hasPrefix("那") }
  }

  private static let words = Set(
    """
    失望 后悔 不好 太差 很差 差劲 糟糕 恶心 无语 郁闷 垃圾 差评 好评 推荐 建议 强烈 强烈建议 希望 改进 改善 提高 提升 加强 有待 不足 不足之处 缺点 优点 \
    美中不足 遗憾 问题 毛病 再也 再也不会 不会再 下次 以后 千万 千万别 值得 不值 一般 一般般 满意 喜欢 不错 感觉 觉得 感受 想象 总体 总的来说 \
    整体 唯一 令人 让人 没想到 受不了 麻烦 糟 差 好 坏 烂 棒 赞 完美 优秀 最差 极差 较差 超级 确实 实在 简直 根本 居然 竟然 完全 相当 更好 最好 很好 \
    挺好 还好 还行 还可以 好多 比不上 不如 相比 不行 不对 难道 需要 想要 期待 应该 肯定 绝对 认为 发现 评价 评论 差不多 不得不 无法 没法 不能 不会 不要 \
    补充点评 购买 选择 方面 地方 情况 原因 时间 有限 大家 朋友 各位 惨不忍睹 奇葩 后悔莫及 上当 投诉
    disappoint disappointed disappointing disappointment terrible horrible awful worst worse bad poor good great nice excellent
    amazing awesome perfect best better love loved loving hate hated like liked recommend recommended wish wished hope hoped
    need needed needs want wanted wants problem problems issue issues buy bought buying purchase purchased product item
    thing again never ever really think thought feel felt expect expected happy unhappy satisfied regret waste money star
    stars review reviews work works worked broke broken breaks stopped quit working fell apart died dies dead came arrived annoying annoyed frustrating frustrated useless junk complain complained complaint trouble sadly unfortunately finally absolutely definitely totally completely
    """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
}
