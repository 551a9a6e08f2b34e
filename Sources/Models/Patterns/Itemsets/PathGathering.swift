/// The nodes on the paths from a tree's root to the nodes of one item, each once, with the baskets that pass through it on
/// the way to that item.
///
/// They come in runs, each from below to above; a run ends at the root or at a node of an earlier run. So runs from the last
/// to the first, each forwards, see children before parents, and runs from the first to the last, each backwards, see parents
/// before children. The memory is used again for the next item.
final class PathGathering {
  struct Step {
    var node: Int32
    var item: Int32
    /// The step of the parent, -1 for the root.
    var parent: Int32
    var count: Int32
    /// The node of the projection that the path leads to.
    var image: Int32
  }

  private(set) var steps: UnsafeMutablePointer<Step>
  private(set) var stepCount = 0
  private var stepCapacity = 1 << 10
  /// Where each run begins.
  private(set) var runs: [Int32] = []
  // Of each node of the tree its step, if that step says so too: what was there before means nothing.
  private var stepOfNode: UnsafeMutablePointer<UInt32>
  private var nodeCapacity = 1 << 10

  init() {
    steps = .allocate(capacity: stepCapacity)
    stepOfNode = .allocate(capacity: nodeCapacity)
    stepOfNode.initialize(repeating: 0, count: nodeCapacity)
  }

  deinit {
    steps.deallocate()
    stepOfNode.deallocate()
  }

  /// Gathers the paths to an item, and adds the baskets of each item on them to `counts`.
  func gather(_ item: Int32, in tree: FPTree, counts: UnsafeMutablePointer<Int32>) {
    reset(nodes: tree.nodeCount)
    let (nodes, stepOfNode) = (tree.nodes, stepOfNode)
    var steps = steps
    var count = 0
    var node = tree.heads[Int(item)]
    while node != 0 {
      let baskets = nodes[Int(node)].count
      var above = nodes[Int(node)].parent
      let begin = count
      // What the run hangs on: the root, or a step of an earlier run.
      var anchor: Int32 = -1
      while above > 0 {
        let known = Int(stepOfNode[Int(above)])
        if known < count, steps[known].node == above {
          anchor = Int32(truncatingIfNeeded: known)
          break
        }
        if count == stepCapacity {
          grow(count)
          steps = self.steps
        }
        stepOfNode[Int(above)] = UInt32(truncatingIfNeeded: count)
        let node = nodes[Int(above)]
        steps[count] = Step(
          node: above, item: node.item, parent: Int32(truncatingIfNeeded: count + 1), count: 0, image: 0)
        count += 1
        above = node.parent
      }
      if count > begin {
        steps[count - 1].parent = anchor
        steps[begin].count = baskets
        runs.append(Int32(begin))
      } else if anchor >= 0 {
        steps[Int(anchor)].count += baskets
      }
      node = nodes[Int(node)].next
    }
    stepCount = count
    accumulate(counts)
  }

  /// Hands each step's baskets on to its parent.
  private func accumulate(_ counts: UnsafeMutablePointer<Int32>) {
    let steps = steps
    var end = stepCount
    for run in runs.reversed() {
      for step in Int(run)..<end {
        let (parent, count) = (Int(steps[step].parent), steps[step].count)
        counts[Int(steps[step].item)] &+= count
        if parent >= 0 { steps[parent].count &+= count }
      }
      end = Int(run)
    }
  }

  private func reset(nodes: Int) {
    runs.removeAll(keepingCapacity: true)
    guard nodeCapacity < nodes else { return }
    stepOfNode.deallocate()
    while nodeCapacity < nodes { nodeCapacity *= 2 }
    stepOfNode = .allocate(capacity: nodeCapacity)
    stepOfNode.initialize(repeating: 0, count: nodeCapacity)
  }

  private func grow(_ count: Int) {
    let larger = UnsafeMutablePointer<Step>.allocate(capacity: stepCapacity * 2)
    larger.moveInitialize(from: steps, count: count)
    steps.deallocate()
    (steps, stepCapacity) = (larger, stepCapacity * 2)
  }
}
