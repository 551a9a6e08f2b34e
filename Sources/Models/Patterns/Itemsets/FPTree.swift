/// A prefix tree of baskets: paths from the root name their items from the most frequent to the least, nodes count baskets.
///
/// Nodes are numbered in the order of their making, so that a parent comes before its children. Memory is kept when a tree is
/// emptied, since thousands of small trees follow one another at the same place.
final class FPTree {
  struct Node {
    var item: Int32
    var parent: Int32
    var count: Int32
    /// The node made before with the same item; 0 for none.
    var next: Int32
  }

  /// Nodes by number; 0 is the root.
  private(set) var nodes: UnsafeMutablePointer<Node>
  private var capacity: Int
  private(set) var nodeCount = 1
  /// How many items there are.
  private(set) var itemCount = 0
  /// The last node made with each item; 0 for none.
  private(set) var heads: UnsafeMutablePointer<Int32>
  private var headCapacity = 64
  /// The baskets with each item.
  var supports: [Int32] = []
  /// What each item is in the tree that this one was made of, or in the baskets.
  var names: [Int32] = []
  init() {
    capacity = 256
    nodes = .allocate(capacity: capacity)
    nodes[0] = Node(item: -1, parent: -1, count: 0, next: 0)
    heads = .allocate(capacity: headCapacity)
  }

  deinit {
    nodes.deallocate()
    heads.deallocate()
  }

  func reset(items: Int) {
    (nodeCount, itemCount) = (1, items)
    nodes[0].count = 0
    if headCapacity < items {
      heads.deallocate()
      headCapacity = items
      heads = .allocate(capacity: headCapacity)
    }
    heads.initialize(repeating: 0, count: items)
    supports.removeAll(keepingCapacity: true)
    supports.append(contentsOf: repeatElement(0, count: items))
    names.removeAll(keepingCapacity: true)
  }

  /// The child of a node with an item; made when there is none.
  func child(of parent: Int32, item: Int32, _ table: NodeTable) -> Int32 {
    let (slot, found) = table.slot(parent: parent, item: item)
    if found != 0 { return found }
    if nodeCount == capacity { grow() }
    let node = Int32(nodeCount)
    nodes[nodeCount] = Node(item: item, parent: parent, count: 0, next: heads[Int(item)])
    nodeCount += 1
    heads[Int(item)] = node
    table.fill(slot, with: node)
    return node
  }

  private func grow() {
    let larger = UnsafeMutablePointer<Node>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: nodes, count: nodeCount)
    nodes.deallocate()
    (nodes, capacity) = (larger, capacity * 2)
  }

  func add(_ count: Int32, at node: Int32) { nodes[Int(node)].count += count }

  /// Lets every node count the baskets that pass through it, when so far it counts those that end there.
  func accumulate() {
    var node = nodeCount - 1
    while node > 0 {
      nodes[Int(nodes[node].parent)].count += nodes[node].count
      node -= 1
    }
  }
}

/// The children of nodes by parent and item: a hash table that is emptied by counting on.
final class NodeTable {
  private var keys: UnsafeMutablePointer<UInt64>
  private var values: UnsafeMutablePointer<UInt64>
  private var capacity: Int
  private var mask = 0
  private var used = 0
  private var stamp: UInt32 = 0

  init() {
    capacity = 1 << 10
    keys = .allocate(capacity: capacity)
    values = .allocate(capacity: capacity)
    keys.initialize(repeating: 0, count: capacity)
    values.initialize(repeating: 0, count: capacity)
  }

  deinit {
    keys.deallocate()
    values.deallocate()
  }

  /// Empties the table, which will hold `most` nodes at most.
  func reset(most: Int) {
    var size = 64
    while size < 2 * most { size *= 2 }
    if size > capacity {
      keys.deallocate()
      values.deallocate()
      capacity = size
      keys = .allocate(capacity: capacity)
      values = .allocate(capacity: capacity)
      keys.initialize(repeating: 0, count: capacity)
      values.initialize(repeating: 0, count: capacity)
      stamp = 0
    }
    mask = size - 1
    stamp &+= 1
    if stamp == 0 {
      values.update(repeating: 0, count: capacity)
      stamp = 1
    }
  }

  /// Where a child is or belongs, and its number; 0 when it is not there.
  func slot(parent: Int32, item: Int32) -> (slot: Int, node: Int32) {
    let key = UInt64(UInt32(bitPattern: parent)) << 32 | UInt64(UInt32(bitPattern: item))
    var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    while true {
      let value = values[slot]
      if UInt32(truncatingIfNeeded: value >> 32) != stamp {
        keys[slot] = key
        return (slot, 0)
      }
      if keys[slot] == key { return (slot, Int32(truncatingIfNeeded: value)) }
      slot = (slot + 1) & mask
    }
  }

  func fill(_ slot: Int, with node: Int32) {
    values[slot] = UInt64(stamp) << 32 | UInt64(UInt32(bitPattern: node))
  }
}
