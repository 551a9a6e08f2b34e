/// Numbers in memory that never change or move: read by pointer in loops where bounds checks and reference counts would
/// cost more than the work itself.
///
/// `@unchecked Sendable`: the memory is written in `init` alone, before anyone else can see it, and freed in `deinit`,
/// when no one can any more; in between it is only read.
final class FixedBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  /// The first element.
  let base: UnsafePointer<Element>
  /// How many there are.
  let count: Int
  private let memory: UnsafeMutablePointer<Element>

  /// A copy of these elements.
  convenience init(_ elements: [Element]) {
    self.init(count: elements.count) { memory in
      elements.withUnsafeBufferPointer { source in
        if let first = source.baseAddress { memory.initialize(from: first, count: source.count) }
      }
    }
  }

  /// Memory that `fill` initializes as a whole.
  init(count: Int, fill: (UnsafeMutablePointer<Element>) -> Void) {
    self.count = count
    memory = .allocate(capacity: max(1, count))
    fill(memory)
    base = UnsafePointer(memory)
  }

  deinit { memory.deallocate() }

  /// A copy as an array.
  var array: [Element] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
