/// The best way through the labels of a sentence: `O`, then for each name the one that begins a piece and the one that goes on.
struct LabelLattice: Sendable {
  /// How many labels there are.
  let labels: Int

  init(names: [String]) { labels = 1 + 2 * names.count }

  /// Whether a label may follow another: a piece goes on only after its own beginning.
  @inline(__always)
  static func follows(_ label: Int, _ before: Int) -> Bool {
    label == 0 || label % 2 == 1 || before == label || before == label - 1
  }

  /// The labels with the largest sum of scores and transitions (Viterbi).
  ///
  /// - Parameters:
  ///   - scores: a row of one number a label for each place.
  ///   - transitions: the weight of each label after each other, a row for each label before.
  func decode(_ scores: [Float], _ transitions: UnsafePointer<Float>) -> [UInt8] {
    let count = scores.count / labels
    guard count > 0 else { return [] }
    var best = (0..<labels).map { Self.follows($0, 0) ? scores[$0] : -1e30 }
    var next = best
    var choices = [UInt8](repeating: 0, count: count * labels)
    for place in 1..<max(1, count) {
      for label in 0..<labels {
        var (top, from): (Float, Int) = (-.infinity, 0)
        if label == 0 || label % 2 == 1 {
          for before in 0..<labels {
            let value = best[before] + transitions[before * labels + label]
            if value > top { (top, from) = (value, before) }
          }
        } else {
          let begun = best[label - 1] + transitions[(label - 1) * labels + label]
          let going = best[label] + transitions[label * labels + label]
          (top, from) = begun >= going ? (begun, label - 1) : (going, label)
        }
        next[label] = top + scores[place * labels + label]
        choices[place * labels + label] = UInt8(from)
      }
      swap(&best, &next)
    }
    var label = best.indices.max { (best[$0], $1) < (best[$1], $0) } ?? 0
    var output = [UInt8](repeating: 0, count: count)
    for place in stride(from: count - 1, through: 0, by: -1) {
      output[place] = UInt8(label)
      label = Int(choices[place * labels + label])
    }
    return output
  }
}
