import Dispatch

/// Runs `body` on fixed blocks of `0..<count` on all cores and returns the results in block order.
///
/// The blocks depend on `count` and `blockSize` alone, so a caller that merges the results in order gets the same answer
/// on one core or on many.
///
/// ```swift
/// let sums = parallelBlocks(values.count, blockSize: 4096) { block in block.reduce(0) { $0 + values[$1] } }
/// let sum = sums.reduce(0, +)
/// ```
///
/// - Parameters:
///   - count: how many elements there are.
///   - blockSize: how many elements a block has; the last one may have fewer.
///   - serially: runs the blocks one after the other on the caller's thread.
/// - Throws: the error of the first block, in block order, that threw.
public func parallelBlocks<Output: Sendable>(
  _ count: Int, blockSize: Int, serially: Bool = false, _ body: @Sendable (Range<Int>) throws -> Output
) rethrows -> [Output] {
  precondition(blockSize > 0, "a block holds at least one element")
  let blocks = (count + blockSize - 1) / blockSize
  guard blocks > 0 else { return [] }
  @Sendable func range(_ block: Int) -> Range<Int> { block * blockSize..<min(count, (block + 1) * blockSize) }
  if serially || blocks == 1 { return try (0..<blocks).map { try body(range($0)) } }
  let slots = UnsafeMutablePointer<Result<Output, any Error>?>.allocate(capacity: blocks)
  slots.initialize(repeating: nil, count: blocks)
  defer {
    slots.deinitialize(count: blocks)
    slots.deallocate()
  }
  // Each block writes its own slot alone, and all have ended before the slots are read.
  nonisolated(unsafe) let shared = slots
  DispatchQueue.concurrentPerform(iterations: blocks) { block in
    shared[block] = Result { try body(range(block)) }
  }
  return try (0..<blocks).map { block in
    guard let result = slots[block] else { preconditionFailure("block \(block) did not run") }
    return try result.get()
  }
}
