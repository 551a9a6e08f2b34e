import Campaigns
import Commerce
import MathKernels

/// What one customer did around the start of a campaign.
struct CampaignFigures: Sendable, Equatable {
  /// Spend in as many days before, in the currency's units.
  var before = 0.0
  /// Spend since, within the goal's days.
  var spend = 0.0
  /// Purchases since, within the goal's days; lines of one order count once.
  var orders = 0
  /// Coupons redeemed since, within the goal's days.
  var redeemed = 0

  /// The figures of customers, in their order.
  ///
  /// - Complexity: O(their events), on all cores.
  @concurrent
  static func count(
    _ entries: [CampaignAssignment.Entry], frame: EventFrame, rows: CustomerRows, from start: Timestamp,
    days: Int
  ) async -> [CampaignFigures] {
    let span = Int64(days) * Timestamp.day
    let window = (start.milliseconds - span)..<(start.milliseconds + span)
    return parallelBlocks(entries.count, blockSize: 512) { block in
      block.map { place -> CampaignFigures in
        guard let customer = frame.customers.index(of: entries[place].customer) else {
          return CampaignFigures()
        }
        return figures(rows.rows(of: customer), frame, window, start.milliseconds)
      }
    }.flatMap { $0 }
  }

  private static func figures(
    _ rows: [Int32], _ frame: EventFrame, _ window: Range<Int64>, _ start: Int64
  ) -> CampaignFigures {
    var (figures, orders) = (CampaignFigures(), Set<Int32>())
    for row in rows.lazy.map(Int.init) where window.contains(frame.timestamp[row]) {
      let amount = Money(minorUnits: frame.amount[row], currency: frame.currency).amount
      let isBefore = frame.timestamp[row] < start
      switch EventKind(code: frame.kind[row]) {
      case .purchase?:
        if isBefore {
          figures.before += amount
        } else {
          figures.spend += amount
          if frame.order[row] < 0 || orders.insert(frame.order[row]).inserted { figures.orders += 1 }
        }
      case .refund?:
        if isBefore { figures.before -= amount } else { figures.spend -= amount }
      case .couponRedeemed?: if !isBefore { figures.redeemed += 1 }
      default: break
      }
    }
    return figures
  }
}
