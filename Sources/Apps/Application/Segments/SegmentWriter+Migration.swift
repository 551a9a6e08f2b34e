import Commerce
import Customers
import Features

extension SegmentWriter {
  /// What moved, in a few sentences.
  func migrationSummary(_ snapshot: ShopSegments.Snapshot) -> BilingualText {
    let moved = snapshot.flows.reduce(0) { $0 + $1.customers }
    let (from, stayed) = (Self.date(snapshot.day), Int((100 * snapshot.stayed).rounded()))
    var text = BilingualText(
      en:
        "Since \(from) \(moved) customers changed segment and \(stayed)% stayed; \(snapshot.joined) came to buy, \(snapshot.left) bought no more.",
      zh: "自 \(from) 以来，\(moved) 位客户换了群，\(stayed)% 留在原群；\(snapshot.joined) 位新加入，\(snapshot.left) 位在此期间没有再购买。")
    if let flow = snapshot.flows.first {
      let (a, b) = (model.segments[flow.from].name, model.segments[flow.to].name)
      text.zh += "最多的是从“\(a.zh)”到“\(b.zh)”（\(flow.customers) 位）。"
      text.en += " Most went from “\(a.en)” to “\(b.en)” (\(flow.customers))."
      if let change = flow.changes.first, let feature = SegmentFeature(column: change.column) {
        let (was, now) = (
          feature.words(change.before, currency: model.currency.code),
          feature.words(change.after, currency: model.currency.code)
        )
        text.zh += "他们变化最大的是\(feature.label.zh)：从 \(was.zh) 到 \(now.zh)。"
        text.en += " What changed most for them: \(feature.label.en), from \(was.en) to \(now.en)."
      }
    }
    return text
  }
}
