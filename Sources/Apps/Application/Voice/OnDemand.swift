import Synchronization

/// A value that is made when it is first asked for, once.
final class OnDemand<Value: Sendable>: Sendable {
  private let made = Mutex<Value?>(nil)
  private let make: @Sendable () -> Value

  init(_ make: @escaping @Sendable () -> Value) { self.make = make }

  var value: Value {
    made.withLock { made in
      if let made { return made }
      let value = make()
      made = value
      return value
    }
  }
}

/// What a callback collects.
final class Collected<Element: Sendable>: Sendable {
  private let kept = Mutex<[Element]>([])

  func add(_ elements: [Element]) { kept.withLock { $0 += elements } }

  var values: [Element] { kept.withLock { $0 } }
}
