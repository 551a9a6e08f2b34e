import Synchronization

/// A value that is made when it is first asked for, once, away from whoever asks.
final class OnDemand<Value: Sendable>: Sendable {
  private let making = Mutex<Task<Value, Never>?>(nil)
  private let make: @Sendable () -> Value

  init(_ make: @escaping @Sendable () -> Value) { self.make = make }

  var value: Value {
    get async {
      let task = making.withLock { making in
        if let making { return making }
        let task = Task(executorPreference: BackgroundExecutor.shared) { [make] in make() }
        making = task
        return task
      }
      return await task.value
    }
  }
}

/// What a callback collects.
final class Collected<Element: Sendable>: Sendable {
  private let kept = Mutex<[Element]>([])

  func add(_ elements: [Element]) { kept.withLock { $0 += elements } }

  var values: [Element] { kept.withLock { $0 } }
}
