/// The place of a character in its word.
enum WordTag {
  static let begin: UInt8 = 0
  static let middle: UInt8 = 1
  static let end: UInt8 = 2
  static let single: UInt8 = 3

  /// The tag of a unit before which a word opens and after which one closes, or not.
  static func tag(opens: Bool, closes: Bool) -> UInt8 {
    opens ? (closes ? single : begin) : (closes ? end : middle)
  }

  /// Whether a tag is the second of the two that the same tags can follow: of begin and middle, of end and single.
  @inline(__always)
  static func isSecond(_ tag: UInt8) -> Bool { tag & 1 == 1 }
}

/// The best way through the tags of a text.
enum WordLattice {
  /// Memory for texts of up to `capacity` units.
  struct Workspace {
    let scores: UnsafeMutablePointer<SIMD4<Float>>
    let tags: UnsafeMutablePointer<UInt8>
    fileprivate let choices: UnsafeMutablePointer<UInt8>

    init(capacity: Int) {
      scores = .allocate(capacity: capacity)
      tags = .allocate(capacity: capacity)
      choices = .allocate(capacity: capacity)
    }

    func deallocate() {
      scores.deallocate()
      tags.deallocate()
      choices.deallocate()
    }
  }

  /// Finds the tags with the largest sum of scores and transitions (Viterbi), among those that make whole words.
  ///
  /// - Parameters:
  ///   - count: how many of the workspace's scores count, at least 1.
  ///   - transitions: for each tag what it adds to follow the first and the second tag that it can follow.
  @inline(__always)
  static func decode(_ work: Workspace, count: Int, transitions: [SIMD2<Float>]) {
    let (toBegin, toMiddle) = (transitions[0], transitions[1])
    let (toEnd, toSingle) = (transitions[2], transitions[3])
    var best = SIMD4<Float>(work.scores[0].x, -1e30, -1e30, work.scores[0].w)
    for place in 1..<max(1, count) {
      // The order of both: after begin, middle; after end, single.
      let first = SIMD4(best.z + toBegin.x, best.x + toMiddle.x, best.x + toEnd.x, best.z + toSingle.x)
      let second = SIMD4(best.w + toBegin.y, best.y + toMiddle.y, best.y + toEnd.y, best.w + toSingle.y)
      let chosen = second .> first
      work.choices[place] =
        (chosen[0] ? 1 : 0) | (chosen[1] ? 2 : 0) | (chosen[2] ? 4 : 0) | (chosen[3] ? 8 : 0)
      best = first.replacing(with: second, where: chosen) + work.scores[place]
    }
    var tag = best.w >= best.z ? WordTag.single : WordTag.end
    for place in stride(from: count - 1, to: 0, by: -1) {
      work.tags[place] = tag
      let second = work.choices[place] >> tag & 1
      tag = (tag == WordTag.begin || tag == WordTag.single ? WordTag.end : WordTag.begin) + second
    }
    work.tags[0] = tag
  }
}
