import Commerce
import MathKernels

/// The ways that customers take from an event, or to it.
///
/// Bound to visits, each visit with the event gives one way: from the first such event onwards, or from the last one
/// backwards. Bound to a time, a customer's first such event gives a way of all that follows within that time, the next
/// such event after it another, and so on (mirrored backwards). A way has the event as level 0 and at most
/// `max_steps` more, one for each event that counts as a step; a step named as the one before is passed over when they
/// are to collapse. Each level shows the nodes with the most ways (ties by name); the others are one node.
/// - Complexity: O(events), and a tally of names × levels.
struct PathsAnalysis: Analysis {
  let definition: AnalysisDefinition
  let question: PathsQuestion
  let data: AnalyticsData
  let range: Range<Int64>
  let marks: EventMarks
  private let labels: PropertyLabels
  private let visits: VisitRule

  init(_ definition: AnalysisDefinition, _ question: PathsQuestion, _ data: AnalyticsData) throws {
    self.definition = definition
    self.question = question
    self.data = data
    range = definition.span.range(in: data)
    marks = try EventMarks.ofPositions([question.event, question.events], definition, data, in: range)
    labels = PropertyLabels(question.node, data)
    visits = VisitRule(data, inactivity: question.inactivity)
  }

  /// Codes of a way's levels: a label's, one more than the last label's for none, and -1 after its end.
  typealias Way = [Int32]

  private var levels: Int { question.maxSteps + 1 }
  private var codes: Int { labels.labels.count + 1 }

  private func code(_ position: Int) -> Int32 {
    let code = labels.code(Int(data.index.rows[position]))
    return code < 0 ? Int32(labels.labels.count) : code
  }

  /// Memory of a walk.
  struct Walk: Sendable {
    var looked: [Int] = []
    var ways: [Int32] = []
    /// How many ways there are in `ways`.
    var count = 0
  }

  /// Adds the ways of one customer.
  func walk(_ customer: Int, _ walk: inout Walk) {
    let (bits, positions) = (marks.bits, data.index.positions(of: customer))
    guard positions.contains(where: { bits[$0] & 1 != 0 }) else { return }
    walk.looked.removeAll(keepingCapacity: true)
    for position in positions where bits[position] & EventMarks.looked != 0 { walk.looked.append(position) }
    if question.direction == .to { walk.looked.reverse() }
    if question.bound == .session { followVisits(&walk) } else { followWindows(&walk) }
  }

  private func followVisits(_ walk: inout Walk) {
    let times = data.index.times
    var (start, session) = (0, walk.looked.first.map { visits.session($0) } ?? -1)
    while start < walk.looked.count {
      var end = start + 1
      var isOver = false
      while end < walk.looked.count, !isOver {
        let own = visits.session(walk.looked[end])
        isOver = visits.ends(session, own, after: abs(times[walk.looked[end]] - times[walk.looked[end - 1]]))
        session = own
        if !isOver { end += 1 }
      }
      if let anchor = (start..<end).first(where: { marks.bits[walk.looked[$0]] & 1 != 0 }) {
        follow(anchor..<end, &walk)
      }
      start = end
    }
  }

  private func followWindows(_ walk: inout Walk) {
    let times = data.index.times
    var start = 0
    while start < walk.looked.count {
      guard marks.bits[walk.looked[start]] & 1 != 0 else {
        start += 1
        continue
      }
      var end = start + 1
      while end < walk.looked.count,
        abs(times[walk.looked[end]] - times[walk.looked[start]]) <= question.window
      {
        end += 1
      }
      follow(start..<end, &walk)
      start = end
    }
  }

  private func follow(_ places: Range<Int>, _ walk: inout Walk) {
    var last = code(walk.looked[places.lowerBound])
    walk.ways.append(last)
    var length = 1
    for place in places.dropFirst() {
      if length == levels { break }
      let position = walk.looked[place]
      guard marks.bits[position] & 2 != 0 else { continue }
      let code = code(position)
      if question.collapse, code == last { continue }
      walk.ways.append(code)
      last = code
      length += 1
    }
    for _ in length..<levels { walk.ways.append(-1) }
    walk.count += 1
  }

  private struct Block: Sendable {
    var ways: [Int32] = []
    /// Of each way, the customer.
    var customers: [Int32] = []
    var counts: [Int]
  }

  private func blocks() -> [Block] {
    parallelBlocks(data.index.customerCount, blockSize: max(64, data.index.customerCount / 8 + 1)) {
      customers in
      var walk = Walk()
      var block = Block(counts: .init(repeating: 0, count: levels * codes))
      for customer in customers {
        let before = walk.count
        self.walk(customer, &walk)
        for _ in before..<walk.count { block.customers.append(Int32(customer)) }
      }
      for (place, code) in walk.ways.enumerated() where code >= 0 {
        block.counts[place % levels * codes + Int(code)] += 1
      }
      block.ways = walk.ways
      return block
    }
  }

  /// The nodes that each level shows, as codes in order; and for each level and code the node's place.
  struct Nodes: Sendable {
    var shown: [[Int32]]
    var place: [UInt8]
    var hasOther: [Bool]
    let codes: Int

    @inline(__always)
    func node(_ level: Int, _ code: Int32) -> Int { Int(place[level * codes + Int(code)]) }
  }

  private func nodes(_ blocks: [Block]) -> Nodes {
    var counts = [Int](repeating: 0, count: levels * codes)
    for block in blocks { counts.add(block.counts) }
    let other = UInt8(question.top)
    var nodes = Nodes(
      shown: [], place: .init(repeating: other, count: counts.count), hasOther: [], codes: codes)
    for level in 0..<levels {
      let met = (0..<codes).filter { counts[level * codes + $0] > 0 }
      let ranked = met.sorted { one, two in
        let (a, b) = (counts[level * codes + one], counts[level * codes + two])
        return a != b ? a > b : name(Int32(one)) < name(Int32(two))
      }
      nodes.shown.append(ranked.prefix(question.top).map { Int32($0) })
      nodes.hasOther.append(ranked.count > question.top)
      for (place, code) in ranked.prefix(question.top).enumerated() {
        nodes.place[level * codes + code] = UInt8(place)
      }
    }
    return nodes
  }

  private func name(_ code: Int32) -> String {
    Int(code) < labels.labels.count ? labels.labels[Int(code)] : "(none)"
  }

  private func label(_ level: Int, _ node: Int, _ nodes: Nodes) -> [JSONValue] {
    guard node < nodes.shown[level].count else { return ["(other)", "other"] }
    let code = nodes.shown[level][node]
    return [.string(name(code)), .string(Int(code) < labels.labels.count ? "value" : "none")]
  }

  struct Tally: Sendable {
    var nodes: [Count]
    var links: [Count]
    struct Count: Sendable {
      var ways = 0
      var customers = 0
      var ended = 0
      var last: Int32 = -1

      mutating func add(_ customer: Int32) {
        ways += 1
        if last != customer { customers += 1 }
        last = customer
      }
    }
  }

  private func tally(_ blocks: [Block], _ nodes: Nodes) -> Tally {
    let width = question.top + 1
    let empty = Tally(
      nodes: .init(repeating: .init(), count: levels * width),
      links: .init(repeating: .init(), count: levels * width * width))
    let parts = parallelBlocks(blocks.count, blockSize: 1) { range in
      let block = blocks[range.lowerBound]
      var tally = empty
      for (place, customer) in block.customers.enumerated() {
        var before = 0
        for level in 0..<levels {
          let code = block.ways[place * levels + level]
          if code < 0 { break }
          let node = nodes.node(level, code)
          tally.nodes[level * width + node].add(customer)
          if level > 0 { tally.links[((level - 1) * width + before) * width + node].add(customer) }
          let isEnd = level + 1 < levels && block.ways[place * levels + level + 1] < 0
          if isEnd { tally.nodes[level * width + node].ended += 1 }
          before = node
        }
      }
      return tally
    }
    return parts.reduce(into: empty) { whole, part in
      for place in whole.nodes.indices { whole.nodes[place].add(part.nodes[place]) }
      for place in whole.links.indices { whole.links[place].add(part.links[place]) }
    }
  }

  func result() throws -> AnalysisResult {
    let blocks = blocks()
    let nodes = nodes(blocks)
    let tally = tally(blocks, nodes)
    let width = question.top + 1
    let total = blocks.reduce(0) { $0 + $1.customers.count }
    var nodeTable = AnalysisTable(
      "nodes", ["level", "node", "node_kind", "paths", "customers", "share", "ended"])
    var linkTable = AnalysisTable(
      "links", ["level", "source", "source_kind", "target", "target_kind", "paths", "customers"])
    for level in 0..<levels {
      for node in 0..<width where tally.nodes[level * width + node].ways > 0 {
        let count = tally.nodes[level * width + node]
        let name = label(level, node, nodes)
        nodeTable.append(
          [JSONValue(level)] + name + [JSONValue(count.ways), JSONValue(count.customers)]
            + [share(count.ways, of: total), JSONValue(count.ended)],
          point: ["level": JSONValue(level), "node": name[0], "node_kind": name[1]])
      }
      for pair in 0..<width * width
      where level < question.maxSteps && tally.links[level * width * width + pair].ways > 0 {
        let count = tally.links[level * width * width + pair]
        let near = label(level, pair / width, nodes)
        let far = label(level + 1, pair % width, nodes)
        let (source, target) = question.direction == .from ? (near, far) : (far, near)
        let place = JSONValue(question.direction == .from ? level : level + 1)
        linkTable.append(
          [place] + source + target + [JSONValue(count.ways), JSONValue(count.customers)],
          point: [
            "level": place, "source": source[0], "source_kind": source[1], "target": target[0],
            "target_kind": target[1],
          ])
      }
    }
    var result = AnalysisResult(definition, range, data)
    result.tables = [nodeTable, linkTable]
    let customers = blocks.reduce(0) { sum, block in
      sum + zip(block.customers.indices, block.customers).count { $0 == 0 || block.customers[$0 - 1] != $1 }
    }
    result.sample = [
      "events": JSONValue(marks.count), "paths": JSONValue(total), "customers": JSONValue(customers),
    ]
    result.note(marks, data)
    return result
  }

  func customers(at point: PointReader) throws -> [Int32] {
    let table = try point.table("nodes", "links")
    let blocks = blocks()
    let nodes = nodes(blocks)
    let level = try point.whole("level", in: 0..<levels)
    func node(_ level: Int, _ field: String) throws -> Int {
      let (text, kind) = (try point.text(field), try point.text("\(field)_kind"))
      if kind == "other", nodes.hasOther[level] { return question.top }
      let found = nodes.shown[level].firstIndex {
        name($0) == text && (kind == "none") == (Int($0) == labels.labels.count)
      }
      guard let found else {
        throw try point.reader.required(field, "a node").fault("a node of level \(level)")
      }
      return found
    }
    var wanted: [(level: Int, node: Int)]
    if table == "nodes" {
      wanted = [(level, try node(level, "node"))]
    } else {
      let other = question.direction == .from ? level + 1 : level - 1
      guard (0..<levels).contains(other) else {
        throw try point.reader.required("level", "a level").fault("a level with links")
      }
      wanted = [(level, try node(level, "source")), (other, try node(other, "target"))]
    }
    var found: [Int32] = []
    for block in blocks {
      for (place, customer) in block.customers.enumerated() where found.last != customer {
        let isThere = wanted.allSatisfy { level, node in
          let code = block.ways[place * levels + level]
          return code >= 0 && nodes.node(level, code) == node
        }
        if isThere { found.append(customer) }
      }
    }
    return found
  }
}

extension PathsAnalysis.Tally.Count {
  fileprivate mutating func add(_ other: Self) {
    ways += other.ways
    customers += other.customers
    ended += other.ended
  }
}
