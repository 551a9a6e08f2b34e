import Commerce
import Decisions
import Recommendation

/// What pages are made of, for one version of the recommender.
struct PageKit: Sendable {
  /// What it was made of; another one is due when any of this changes.
  struct Source: Sendable, Equatable {
    var recommender: Int
    var complements: Int
    var rules: PublishedRules.Identity
    var generation: Int
    /// The day for which ages were taken, where any rule asks for them.
    var day: Int32?
  }

  let source: Source
  let live: Live<any Recommender>
  /// Without the content model, which the shop keeps once for all kits.
  var parts: PageParts

  /// Works out the items and rules for a recommender: a few tenths of a second for 100,000 items.
  init(
    _ source: Source, _ live: Live<any Recommender>, _ complements: Live<any Recommender>?,
    _ rules: PublishedRules, _ catalogue: Catalogue, at moment: Timestamp
  ) {
    self.source = source
    self.live = live
    // In a fixed order, so that what has no score comes in the same order after every start.
    let items = catalogue.items.values.sorted { $0.itemID < $1.itemID }
    var table = ItemTable(ranked: live.model.items, catalogue: items)
    let together = complements.map { PageParts.Complements($0.model, table: &table) }
    parts = PageParts(
      ranker: live.model, table: table,
      rules: RuleTable(rules.rules, version: rules.version, items: table, at: moment) { catalogue[$0] },
      complements: together)
  }

  /// Takes in items that are new or have changed.
  mutating func put(_ items: [Item]) {
    for item in items {
      let row = parts.table.put(item)
      parts.rules.put(item, row: row)
    }
  }

  /// The same kit under other rules, which are not published.
  func trying(_ rules: RuleSet, _ catalogue: Catalogue, at moment: Timestamp) -> PageParts {
    var parts = parts
    parts.rules = RuleTable(rules, items: parts.table, at: moment) { catalogue[$0] }
    return parts
  }
}

/// The rows of visits whose customer is not known, newest visits only.
struct VisitRows: Sendable {
  /// Visits end when nothing has come of them for a day.
  private static let longest = Timestamp.day
  private static let capacity = 200_000

  private struct Visit: Sendable {
    var rows: [Int32]
    var last: Int64

    mutating func append(_ row: Int32, at time: Int64) {
      rows.append(row)
      last = max(last, time)
    }
  }

  private var visits: [Int32: Visit] = [:]
  private var newest = Int64.min

  /// Notes a row of the frame.
  mutating func append(row: Int, of frame: EventFrame) {
    let (session, time) = (frame.session[row], frame.timestamp[row])
    guard session >= 0, frame.item[row] >= 0, frame.customer[row] < 0 else { return }
    newest = max(newest, time)
    guard time > newest - Self.longest else { return }
    visits[session, default: Visit(rows: [], last: time)].append(Int32(row), at: time)
    if visits.count > Self.capacity { sweep() }
  }

  /// The rows of a visit, in order of arrival.
  func rows(of session: Int32) -> [Int32] { visits[session]?.rows ?? [] }

  /// Forgets visits that are over, and the older half when there are still too many.
  mutating func sweep() {
    visits = visits.filter { $0.value.last > newest - Self.longest }
    guard visits.count > Self.capacity else { return }
    let middle = visits.values.map(\.last).sorted()[visits.count / 2]
    visits = visits.filter { $0.value.last > middle }
  }
}
