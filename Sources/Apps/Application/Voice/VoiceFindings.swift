import Commerce
import Features
import Foundation
import Needs

/// What the board of texts says, in a few sentences.
enum VoiceFindings {
  static func sentences(_ board: VoiceBoard) -> BilingualText {
    guard !board.needs.isEmpty else {
      return BilingualText(
        en: "\(board.texts) texts were read; too few of them say the same for a need to stand out.",
        zh: "已读 \(board.texts) 条文本；说法相近的还太少，尚未形成需求。")
    }
    let pains = board.needs.filter { $0.kind == .solve }
    let wishes = board.needs.filter { $0.kind == .unmet }
    var (en, zh): ([String], [String]) = ([], [])
    if let first = pains.first {
      en.append("The pain most customers speak of is “\(first.label)” (\(share(first)) of those who write).")
      zh.append("提及最多的痛点是「\(first.label)」（占留言客户的 \(share(first))）。")
    }
    if let first = wishes.first {
      en.append("What they wish for most is “\(first.label)” (\(share(first))).")
      zh.append("呼声最高的愿望是「\(first.label)」（\(share(first))）。")
    }
    let rising = board.needs.filter { $0.trend?.direction == .rising }
    if let first = rising.first {
      en.append(
        "\(rising.count) \(rising.count == 1 ? "need rises" : "needs rise"), first of all “\(first.label)”.")
      zh.append("\(rising.count) 个需求在上升，首先是「\(first.label)」。")
    }
    let urgent = board.needs.count { $0.position == .concentrateHere }
    if urgent > 0 {
      en.append("\(urgent) matter to many and are judged badly: start there.")
      zh.append("\(urgent) 个需求关注度高而口碑差，宜优先处理。")
    }
    return BilingualText(en: en.joined(separator: " "), zh: zh.joined())
  }

  private static func share(_ need: VoiceNeed) -> String {
    String(format: "%.1f%%", need.shareOfCustomers * 100)
  }
}
