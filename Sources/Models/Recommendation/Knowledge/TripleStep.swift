import Foundation
import MathKernels

/// The distances and gradients of one fact with its corruptions, in buffers that are used again for the next one.
struct TripleStep: Sendable {
  let kind: TripleDistance
  /// How many numbers a relation has.
  let size: Int
  /// How many numbers an entity has.
  let width: Int
  /// The gradient by the head.
  private(set) var head: [Float]
  /// The gradient by the tail.
  private(set) var tail: [Float]
  /// The gradients by the corruptions, row by row.
  private(set) var corrupted: [Float]
  /// The relation as it is applied: its vector, or the cosines and sines of its angles.
  private var operand: [Float]
  /// The gradient by that.
  private var operandGradient: [Float]
  private var distances: [Float]
  private var slopes: [Float]

  init(_ kind: TripleDistance, size: Int, corruptions: Int) {
    self.kind = kind
    self.size = size
    width = kind.entityWidth(size)
    head = [Float](repeating: 0, count: width)
    (tail, operand, operandGradient) = (head, head, head)
    corrupted = [Float](repeating: 0, count: width * corruptions)
    distances = [Float](repeating: 0, count: corruptions)
    slopes = distances
  }

  /// Takes the relation whose facts come next.
  mutating func set(relation: [Float]) {
    relation.withUnsafeBufferPointer { if let base = $0.baseAddress { set(relation: base) } }
  }

  mutating func set(relation: UnsafePointer<Float>) {
    for index in 0..<size {
      operand[index] = kind == .rotation ? cos(relation[index]) : relation[index]
      if kind == .rotation { operand[size + index] = sin(relation[index]) }
    }
  }

  /// Whether a corruption had any part in the loss.
  func counts(_ corruption: Int) -> Bool { slopes[corruption] != 0 }

  /// The distance of a fact with the relation that was set.
  func distance(_ head: UnsafePointer<Float>, _ tail: UnsafePointer<Float>) -> Float {
    operand.withUnsafeBufferPointer { operand in
      guard let r = operand.baseAddress else { return 0 }
      switch kind {
      case .translationL1: return TripleKernels.absolute(head, r, tail, size)
      case .translationL2: return TripleKernels.squared(head, r, tail, size).squareRoot()
      case .rotation: return TripleKernels.rotated(head, r, tail, size)
      }
    }
  }

  /// Sets all gradients for one fact; gives its loss.
  mutating func run(
    _ head: UnsafePointer<Float>, _ tail: UnsafePointer<Float>, _ corruptions: [UnsafePointer<Float>],
    corruptsHead: Bool, _ loss: TripleObjective.Loss
  ) -> Float {
    let own = distance(head, tail)
    for (index, other) in corruptions.enumerated() {
      distances[index] = corruptsHead ? distance(other, tail) : distance(head, other)
    }
    let (value, slope) = loss.value(own, distances, &slopes)
    clear()
    guard slope != 0 || slopes.contains(where: { $0 != 0 }) else { return value }
    self.head.withUnsafeMutableBufferPointer { headGradient in
      self.tail.withUnsafeMutableBufferPointer { tailGradient in
        corrupted.withUnsafeMutableBufferPointer { corrupted in
          operandGradient.withUnsafeMutableBufferPointer { relation in
            operand.withUnsafeBufferPointer { operand in
              guard let gh = headGradient.baseAddress, let gt = tailGradient.baseAddress,
                let gr = relation.baseAddress, let r = operand.baseAddress
              else { return }
              let kernels = TripleKernels(kind: kind, size: size, r: r, relation: gr)
              kernels.add(slope, own, head, tail, gh, gt)
              for (index, other) in corruptions.enumerated() where slopes[index] != 0 {
                guard let base = corrupted.baseAddress else { continue }
                let target = base + index * width
                if corruptsHead {
                  kernels.add(slopes[index], distances[index], other, tail, target, gt)
                } else {
                  kernels.add(slopes[index], distances[index], head, other, gh, target)
                }
              }
            }
          }
        }
      }
    }
    return value
  }

  private mutating func clear() {
    head.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    tail.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    operandGradient.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
    corrupted.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
  }

  /// The gradient by the relation's vector or angles.
  func relationGradient() -> [Float] {
    guard kind == .rotation else { return operandGradient }
    return (0..<size).map {
      operand[$0] * operandGradient[size + $0] - operand[size + $0] * operandGradient[$0]
    }
  }
}

/// Eight numbers at a time.
enum Lanes {
  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>, _ index: Int) -> SIMD8<Float> {
    UnsafeRawPointer(pointer + index).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  static func store(_ value: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>, _ index: Int) {
    UnsafeMutableRawPointer(pointer + index).storeBytes(of: value, as: SIMD8<Float>.self)
  }

  @inline(__always)
  static func add(_ value: SIMD8<Float>, to pointer: UnsafeMutablePointer<Float>, _ index: Int) {
    store(load(pointer, index) + value, pointer, index)
  }
}

/// The loops over the numbers of vectors.
struct TripleKernels {
  let kind: TripleDistance
  let size: Int
  /// The relation as it is applied.
  let r: UnsafePointer<Float>
  /// The gradient by it.
  let relation: UnsafeMutablePointer<Float>

  /// Adds `slope` times the gradient of a fact's distance.
  func add(
    _ slope: Float, _ distance: Float, _ h: UnsafePointer<Float>, _ t: UnsafePointer<Float>,
    _ gh: UnsafeMutablePointer<Float>, _ gt: UnsafeMutablePointer<Float>
  ) {
    switch kind {
    case .translationL1:
      addTranslated(h, t, gh, gt) { difference in
        SIMD8<Float>.zero.replacing(with: slope, where: difference .> .zero)
          .replacing(with: -slope, where: difference .< .zero)
      }
    case .translationL2:
      // At a distance of zero there is no direction.
      let scale = distance > 1e-9 ? slope / distance : 0
      addTranslated(h, t, gh, gt) { difference in scale * difference }
    case .rotation:
      addRotated(slope, h, t, gh, gt)
    }
  }

  @inline(__always)
  private func addTranslated(
    _ h: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ gh: UnsafeMutablePointer<Float>,
    _ gt: UnsafeMutablePointer<Float>, _ slope: (SIMD8<Float>) -> SIMD8<Float>
  ) {
    var index = 0
    while index + 8 <= size {
      let step = slope(Lanes.load(h, index) + Lanes.load(r, index) - Lanes.load(t, index))
      Lanes.add(step, to: gh, index)
      Lanes.add(step, to: relation, index)
      Lanes.add(-step, to: gt, index)
      index += 8
    }
    while index < size {
      let step = slope(SIMD8(repeating: h[index] + r[index] - t[index]))[0]
      gh[index] += step
      relation[index] += step
      gt[index] -= step
      index += 1
    }
  }

  private func addRotated(
    _ slope: Float, _ h: UnsafePointer<Float>, _ t: UnsafePointer<Float>,
    _ gh: UnsafeMutablePointer<Float>, _ gt: UnsafeMutablePointer<Float>
  ) {
    var index = 0
    while index + 8 <= size {
      let other = size + index
      let (a, b, c, s) = (
        Lanes.load(h, index), Lanes.load(h, other), Lanes.load(r, index), Lanes.load(r, other)
      )
      let (x, y) = (a * c - b * s - Lanes.load(t, index), a * s + b * c - Lanes.load(t, other))
      // Where a number has arrived its difference is zero, and so is its step.
      let scale = slope / (x * x + y * y + 1e-18).squareRoot()
      let (gx, gy) = (scale * x, scale * y)
      Lanes.add(-gx, to: gt, index)
      Lanes.add(-gy, to: gt, other)
      Lanes.add(gx * c + gy * s, to: gh, index)
      Lanes.add(gy * c - gx * s, to: gh, other)
      Lanes.add(gx * a + gy * b, to: relation, index)
      Lanes.add(gy * a - gx * b, to: relation, other)
      index += 8
    }
    while index < size {
      let other = size + index
      let (a, b, c, s) = (h[index], h[other], r[index], r[other])
      let (x, y) = (a * c - b * s - t[index], a * s + b * c - t[other])
      let scale = slope / (x * x + y * y + 1e-18).squareRoot()
      let (gx, gy) = (scale * x, scale * y)
      gt[index] -= gx
      gt[other] -= gy
      gh[index] += gx * c + gy * s
      gh[other] += gy * c - gx * s
      relation[index] += gx * a + gy * b
      relation[other] += gy * a - gx * b
      index += 1
    }
  }

  /// Σ |h + r − t|.
  static func absolute(
    _ h: UnsafePointer<Float>, _ r: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ size: Int
  ) -> Float {
    var sums = SIMD8<Float>.zero
    var index = 0
    while index + 8 <= size {
      let difference = Lanes.load(h, index) + Lanes.load(r, index) - Lanes.load(t, index)
      sums += difference.replacing(with: -difference, where: difference .< .zero)
      index += 8
    }
    var sum = sums.sum()
    while index < size {
      sum += abs(h[index] + r[index] - t[index])
      index += 1
    }
    return sum
  }

  /// Σ (h + r − t)².
  static func squared(
    _ h: UnsafePointer<Float>, _ r: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ size: Int
  ) -> Float {
    var sums = SIMD8<Float>.zero
    var index = 0
    while index + 8 <= size {
      let difference = Lanes.load(h, index) + Lanes.load(r, index) - Lanes.load(t, index)
      sums = sums.addingProduct(difference, difference)
      index += 8
    }
    var sum = sums.sum()
    while index < size {
      let difference = h[index] + r[index] - t[index]
      sum += difference * difference
      index += 1
    }
    return sum
  }

  /// Σ |h · r − t| over complex numbers, real parts first.
  static func rotated(
    _ h: UnsafePointer<Float>, _ r: UnsafePointer<Float>, _ t: UnsafePointer<Float>, _ size: Int
  ) -> Float {
    var sums = SIMD8<Float>.zero
    var index = 0
    while index + 8 <= size {
      let (a, b) = (Lanes.load(h, index), Lanes.load(h, size + index))
      let (c, s) = (Lanes.load(r, index), Lanes.load(r, size + index))
      let x = a * c - b * s - Lanes.load(t, index)
      let y = a * s + b * c - Lanes.load(t, size + index)
      sums += (x * x + y * y).squareRoot()
      index += 8
    }
    var sum = sums.sum()
    while index < size {
      let x = h[index] * r[index] - h[size + index] * r[size + index] - t[index]
      let y = h[index] * r[size + index] + h[size + index] * r[index] - t[size + index]
      sum += (x * x + y * y).squareRoot()
      index += 1
    }
    return sum
  }
}
