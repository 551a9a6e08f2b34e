import Commerce

/// Where a customer's visits begin: at another session id; where neither event names one, after a time without events.
struct VisitRule: Sendable {
  private let session: [Int32]
  private let rows: [Int32]
  private let inactivity: Int64

  init(_ data: AnalyticsData, inactivity: Int64) {
    session = data.frame.session
    rows = data.index.rows
    self.inactivity = inactivity
  }

  /// The session of a position; -1 where its event names none.
  @inline(__always)
  func session(_ position: Int) -> Int32 { session[Int(rows[position])] }

  /// Whether a visit ends between two events of one customer that follow each other, by their sessions and times.
  @inline(__always)
  func ends(_ one: Int32, _ other: Int32, after milliseconds: Int64) -> Bool {
    if one >= 0 || other >= 0 { return one != other }
    return milliseconds > inactivity
  }
}
