import Analytics
import Application
import Commerce
import Features
import Foundation
import Storage
import Synchronization

/// A shop's events, items and customers, read from its store for analyses alone.
enum AnalyticsShop {
  /// Reads a snapshot; the data's end is now, or the last event where that is more than two days ago.
  static func load(_ options: StoreOptions) async throws -> AnalyticsData {
    let store = try await options.openStore(create: false)
    let settings = try await ShopSettings.load(from: store) ?? ShopSettings(name: options.shop)
    let frame = Mutex(EventFrame(currency: settings.currency))
    try await store.scan(after: 0, batchSize: 50_000) { rows in
      frame.withLock { frame in for row in rows { frame.append(row) } }
    }
    let items = Mutex<[Item]>([])
    let customers = Mutex<[Customer]>([])
    try await store.scanItems(batchSize: 10_000) { batch in items.withLock { $0 += batch } }
    try await store.scanCustomers(batchSize: 10_000) { batch in customers.withLock { $0 += batch } }
    let events = frame.withLock { $0 }
    let now = Timestamp(Date())
    let last = events.lastTimestamp ?? now
    return AnalyticsData(
      frame: events, calendar: try ShopCalendar(timeZone: settings.timeZone),
      asOf: now.days(since: last) <= 2 ? now : last, items: items.withLock { $0 },
      customers: customers.withLock { $0 })
  }
}
