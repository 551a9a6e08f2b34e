import MathKernels

/// An array whose blocks are written on all cores.
///
/// - Parameter fill: writes every element of its range through a pointer to the array's first element.
func filledInParallel<Element: BitwiseCopyable & Sendable>(
  _ count: Int, blockSize: Int = 1 << 16,
  _ fill: @Sendable (Range<Int>, UnsafeMutablePointer<Element>) -> Void
) -> [Element] {
  [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
    if let base = buffer.baseAddress, count > 0 {
      // Blocks are disjoint, and all have ended before the array is handed out.
      nonisolated(unsafe) let pointer = base
      _ = parallelBlocks(count, blockSize: blockSize) { range in fill(range, pointer) }
    }
    initialized = count
  }
}

extension Array where Element: AdditiveArithmetic {
  /// Adds another array of the same length, element by element.
  mutating func add(_ other: [Element]) {
    precondition(count == other.count, "tallies of one shape")
    for index in other.indices { self[index] += other[index] }
  }
}
