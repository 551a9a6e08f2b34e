import Commerce

/// Where a customer's visits begin: at another session id; where neither event names one, after a time without events.
struct VisitRule: Sendable {
  private let session: [Int32]
  private let index: AnalyticsIndex
  private let inactivity: Int64

  init(_ data: AnalyticsData, inactivity: Int64) {
    session = data.frame.session
    index = data.index
    self.inactivity = inactivity
  }

  /// Whether a visit ends between two events of one customer that follow each other.
  @inline(__always)
  func ends(between position: Int, and next: Int) -> Bool {
    let (one, other) = (session[Int(index.rows[position])], session[Int(index.rows[next])])
    if one >= 0 || other >= 0 { return one != other }
    return index.times[next] - index.times[position] > inactivity
  }
}
