import Commerce
import MathKernels

/// The states of all customers of a shop.
///
/// ```swift
/// var states = CustomerStates(settings: settings, catalogue: index, currency: .usd)
/// states.replay(frame)              // the past
/// states.update(storedEvent)        // each new event, once stored
/// states.state(of: "1044")?.orders
/// ```
/// A value; a server keeps it in one actor and hands out copies of single states, which are cheap.
public struct CustomerStates: Sendable {
  /// How events turn into features.
  public let settings: FeatureSettings
  /// The currency of all money in the states.
  public let currency: Currency
  /// The categories and brands of items.
  public private(set) var catalogue: CatalogueIndex
  /// The customers, by index into `states`.
  public private(set) var customers = Vocabulary()
  /// The state of each customer.
  public private(set) var states: [CustomerState] = []
  /// The newest event taken in, in UTC milliseconds; nil before the first.
  public private(set) var lastEventAt: Int64?

  /// No customers yet.
  public init(
    settings: FeatureSettings = .init(), catalogue: CatalogueIndex = .init(), currency: Currency = .usd
  ) {
    self.settings = settings
    self.catalogue = catalogue
    self.currency = currency
  }

  /// Adds items to the catalogue or replaces them; events taken in before keep the category they had until they are
  /// replayed.
  public mutating func upsert(items: some Sequence<Item>) {
    for item in items { catalogue.upsert(item) }
  }

  /// Takes in one live event; without a customer it changes nothing.
  public mutating func update(_ stored: StoredEvent) {
    lastEventAt = max(lastEventAt ?? .min, stored.event.timestamp.milliseconds)
    guard let id = stored.event.customerID else { return }
    let observation = Observation(stored, catalogue: catalogue, currency: currency)
    states[index(of: id)].update(observation, settings: settings)
  }

  /// Takes in all events of a frame that happened before a moment, each customer's in time order.
  ///
  /// - Complexity: O(events), on all cores by blocks of customers.
  public mutating func replay(_ frame: EventFrame, before moment: Timestamp? = nil) {
    var replay = LogReplay(frame, catalogue: catalogue, settings: settings)
    replay.advance(before: moment)
    let limit = moment?.milliseconds ?? .max
    if states.isEmpty {
      (customers, states) = (frame.customers, replay.states)
      lastEventAt = frame.timestamp.lazy.filter { moment == nil || $0 < limit }.max()
    } else {
      let columns = ObservationColumns(frame, catalogue: catalogue)
      for row in 0..<frame.count where moment == nil || frame.timestamp[row] < limit {
        lastEventAt = max(lastEventAt ?? .min, frame.timestamp[row])
        guard frame.customer[row] != EventFrame.none else { continue }
        let place = index(of: frame.customers[frame.customer[row]])
        states[place].update(columns.observation(row), settings: settings)
      }
    }
  }

  /// Takes in all events of a customer anew, in the order given, as after items have moved to another category.
  public mutating func replay(_ events: [StoredEvent], ofCustomer customerID: String) {
    let place = index(of: customerID)
    states[place] = CustomerState()
    for event in events {
      states[place].update(
        Observation(event, catalogue: catalogue, currency: currency), settings: settings)
    }
  }

  /// The state of a customer, or nil when there is no event of theirs.
  public func state(of customerID: String) -> CustomerState? {
    customers.index(of: customerID).map { states[Int($0)] }
  }

  private mutating func index(of customerID: String) -> Int {
    let index = Int(customers.insert(customerID))
    if index == states.count { states.append(CustomerState()) }
    return index
  }
}

/// Replays a frame customer by customer and stops at given moments, so that features can be computed as of each.
///
/// Nothing after a moment can reach the states as of that moment: they have not seen it yet.
public struct LogReplay: Sendable {
  /// The state of each customer of the frame's vocabulary, as of the last stop.
  public private(set) var states: [CustomerState]
  private let columns: ObservationColumns
  private let frame: EventFrame
  private let settings: FeatureSettings
  private let rows: [Int32]
  private let starts: [Int]
  private var next: [Int]

  /// A replay at its beginning.
  public init(_ frame: EventFrame, catalogue: CatalogueIndex, settings: FeatureSettings) {
    self.frame = frame
    self.settings = settings
    columns = ObservationColumns(frame, catalogue: catalogue)
    (rows, starts) = frame.rowsByCustomer()
    next = Array(starts.dropLast())
    states = [CustomerState](repeating: CustomerState(), count: frame.customers.count)
  }

  /// Takes in all events before a moment, or all there are.
  public mutating func advance(before moment: Timestamp?) {
    let limit = moment?.milliseconds ?? .max
    let (count, columns, frame, settings, rows, starts) = (
      states.count, columns, frame, settings, rows, starts
    )
    states.withUnsafeMutableBufferPointer { states in
      next.withUnsafeMutableBufferPointer { next in
        // Each block touches the states and cursors of its own customers alone.
        nonisolated(unsafe) let (states, next) = (states, next)
        _ = parallelBlocks(count, blockSize: 64) { block in
          for customer in block {
            while next[customer] < starts[customer + 1] {
              let row = Int(rows[next[customer]])
              guard moment == nil || frame.timestamp[row] < limit else { break }
              states[customer].update(columns.observation(row), settings: settings)
              next[customer] += 1
            }
          }
        }
      }
    }
  }
}
