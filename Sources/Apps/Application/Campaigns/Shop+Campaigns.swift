import Campaigns
import Commerce
import Foundation
import MathKernels
import Marketing

/// Campaigns: drafts, beginnings and ends.
extension Shop {
  private nonisolated var ledger: CampaignLedger { CampaignLedger(store: store) }
  private static let mostCampaigns = 1_000

  /// One page of the campaigns, the newest first.
  public nonisolated func campaigns(state: Campaign.State? = nil, page: PageRequest) async throws -> Page {
    let moment = try await readyMoment()
    var found = try await ledger.all()
    for index in found.indices where found[index].isOver(at: moment) {
      found[index] = try await endIfOver(found[index])
    }
    return try Page.slice(found.filter { state == nil || $0.state == state }, name: "campaigns", page) {
      CampaignJSON.campaign($0)
    }
  }

  /// One campaign.
  ///
  /// - Throws: `ApplicationError.notFound`.
  public nonisolated func campaign(_ id: String) async throws -> JSONValue {
    let campaign = try await endIfOver(try await ledger.campaign(id))
    let entries = try await ledger.entries(of: id)
    return CampaignJSON.campaign(campaign, counts: CampaignJSON.counts(entries))
  }

  /// Makes a draft.
  ///
  /// - Throws: `ApplicationError.invalidParameter`, `CampaignError.invalidParameter`, `.conflict` when there are too many.
  public nonisolated func createCampaign(_ body: JSONValue) async throws -> JSONValue {
    let moment = try await readyMoment()
    let campaign = try CampaignJSON.draft(body, id: "c_\(UUID().uuidString.lowercased())", at: moment)
    try await campaignChanges.run { [self] in
      guard try await ledger.all().count < Self.mostCampaigns else {
        throw ApplicationError.conflict(reason: "There are \(Self.mostCampaigns) campaigns already.")
      }
      try await ledger.save(campaign)
    }
    return CampaignJSON.campaign(campaign)
  }

  /// Changes a draft as a whole.
  ///
  /// - Throws: `CampaignError.wrongState` for one that has begun, and as `createCampaign`.
  public nonisolated func changeCampaign(_ id: String, _ body: JSONValue) async throws -> JSONValue {
    try await campaignChanges.run { [self] in
      let known = try await ledger.campaign(id)
      guard known.state == .draft else {
        throw CampaignError.wrongState(state: known.state.rawValue, expected: "draft")
      }
      let campaign = try CampaignJSON.draft(body, id: id, at: known.createdAt)
      try await ledger.save(campaign)
      return CampaignJSON.campaign(campaign)
    }
  }

  /// Begins a campaign: assigns its audience, keeps who is contacted and who held out, and hands the contacts to the webhooks.
  ///
  /// - Throws: `CampaignError.wrongState`, `.notEnoughCustomers` when an arm would have fewer than two.
  public nonisolated func startCampaign(_ id: String) async throws -> JSONValue {
    let moment = try await readyMoment()
    return try await campaignChanges.run { [self] in
      var campaign = try await ledger.campaign(id)
      try campaign.start(at: moment)
      let assignment = try await assign(campaign, at: moment)
      let counts = assignment.counts
      guard counts[.treated] ?? 0 >= 2, counts[.holdout] ?? 0 >= 2 else {
        throw CampaignError.notEnoughCustomers(
          needed: "two to contact and two to hold out",
          found: "\(counts[.treated] ?? 0) and \(counts[.holdout] ?? 0) of \(assignment.entries.count)")
      }
      try await ledger.save(assignment.entries, of: id)
      // Handed over before the campaign says that it runs: a beginning that broke off is done again, and a delivery with the
      // same id is kept once.
      try await webhooks.enqueue(contacts: assignment.entries, of: campaign)
      try await ledger.save(campaign)
      return CampaignJSON.campaign(campaign, counts: CampaignJSON.counts(assignment.entries))
    }
  }

  /// Ends a campaign; what its customers do is counted on until the goal's days are over.
  ///
  /// - Throws: `CampaignError.wrongState`.
  public nonisolated func stopCampaign(_ id: String) async throws -> JSONValue {
    let moment = try await readyMoment()
    return try await campaignChanges.run { [self] in
      var campaign = try await ledger.campaign(id)
      try campaign.end(at: moment)
      try await ledger.save(campaign)
      return CampaignJSON.campaign(campaign)
    }
  }

  private nonisolated func endIfOver(_ campaign: Campaign) async throws -> Campaign {
    let moment = try await readyMoment()
    guard campaign.isOver(at: moment) else { return campaign }
    return try await campaignChanges.run { [self] in
      var known = try await ledger.campaign(campaign.id)
      guard known.isOver(at: moment), let end = known.endsAt ?? known.isCountedAt else { return known }
      try known.end(at: end)
      try await ledger.save(known)
      return known
    }
  }

  private func readyMoment() throws -> Timestamp {
    try requireReady()
    return asOf
  }

  // MARK: Audience

  private nonisolated func assign(_ campaign: Campaign, at moment: Timestamp) async throws
    -> CampaignAssignment
  {
    let people = try await people(of: campaign.audience)
    let recent = try await campaign.frequencyCap.asyncMap {
      try await ledger.contacts(since: moment.adding(days: -Double($0.days)))
    }
    let spend = Dictionary(people.map { ($0.id, Double($0.spend)) }, uniquingKeysWith: { first, _ in first })
    return CampaignAssignment(
      campaign, audience: people.map(\.id), recentContacts: recent ?? [:],
      priority: { spend[$0] ?? 0 })
  }

  /// The customers of an audience, in the order in which they came to the shop.
  private nonisolated func people(of audience: JSONValue) async throws -> [CustomerDirectory.Entry] {
    let wanted = try CampaignAudience(audience)
    var listed = wanted.customers
    if let cohort = wanted.cohort {
      guard let document = try await store.document(collection: "analytics-cohort", key: cohort) else {
        throw ApplicationError.notFound(what: "cohort", id: cohort)
      }
      guard let members = document["customers"]?.array?.compactMap(\.string) else {
        throw ApplicationError.invalidParameter(
          name: "audience.cohort", value: cohort, expected: "a cohort with a fixed list of customers")
      }
      listed = listed.map { ids in ids.filter(Set(members).contains) } ?? members
    }
    let (directory, currency, moment) = try await audienceScene()
    return await Self.choose(wanted, listed.map(Set.init), directory, currency, moment)
  }

  private func audienceScene() throws -> (CustomerDirectory, Currency, Timestamp) {
    try requireReady()
    return (customers, frame.currency, asOf)
  }

  @concurrent
  private nonisolated static func choose(
    _ audience: CampaignAudience, _ listed: Set<String>?, _ directory: CustomerDirectory,
    _ currency: Currency,
    _ moment: Timestamp
  ) async -> [CustomerDirectory.Entry] {
    var found: [CustomerDirectory.Entry] = []
    directory.entries.forEach { _, entry in
      if let listed, !listed.contains(entry.id) { return }
      if audience.admits(entry, currency: currency, asOf: moment) { found.append(entry) }
    }
    return found
  }

  // MARK: Before it begins

  /// What a draft would reach and could show: how many customers, what it can cost, and which difference its arms can tell.
  ///
  /// - Throws: as `createCampaign`.
  public nonisolated func previewCampaign(_ body: JSONValue) async throws -> JSONValue {
    let moment = try await readyMoment()
    let campaign = try CampaignJSON.draft(body, id: "preview", at: moment)
    let assignment = try await assign(campaign, at: moment)
    let start = moment.adding(days: -Double(campaign.goal.days))
    let figures = try await campaignFigures(assignment.entries, from: start, days: campaign.goal.days)
    return CampaignJSON.preview(campaign, assignment, figures, currency: try await currency)
  }

  // MARK: What became of it

  /// One page of a campaign's customers with their arms and what they did since.
  public nonisolated func customers(ofCampaign id: String, page: PageRequest) async throws -> Page {
    let campaign = try await ledger.campaign(id)
    let entries = try await ledger.entries(of: id)
    let range = try page.slice(of: entries)
    let figures = try await campaign.startedAt.asyncMap {
      try await campaignFigures(Array(entries[range]), from: $0, days: campaign.goal.days)
    }
    var answer = try Page.slice(entries, name: "campaign-customers", page) { _ in .null }
    answer.items = zip(entries[range], figures ?? []).map { CampaignJSON.customer($0, $1, campaign) }
    return answer
  }

  /// What a campaign changed: contacted customers against those held out.
  ///
  /// - Throws: `CampaignError.wrongState` for a draft, `.notEnoughCustomers`.
  public nonisolated func campaignResult(_ id: String) async throws -> JSONValue {
    let campaign = try await endIfOver(try await ledger.campaign(id))
    guard let start = campaign.startedAt else {
      throw CampaignError.wrongState(state: campaign.state.rawValue, expected: "running or ended")
    }
    let entries = try await ledger.entries(of: id)
    let measured = entries.filter { $0.arm == .treated || $0.arm == .holdout }
    let figures = try await campaignFigures(measured, from: start, days: campaign.goal.days)
    let result = try CampaignResult(
      campaign,
      customers: zip(measured, figures).map { entry, figure in
        .init(
          isTreated: entry.arm == .treated, before: figure.before, spend: figure.spend,
          hasBought: figure.orders > 0, hasRedeemed: figure.redeemed > 0)
      })
    let counted = min(Double(campaign.goal.days), max(0, try await readyMoment().days(since: start)))
    return CampaignJSON.result(
      campaign, result, counts: CampaignJSON.counts(entries), days: counted, currency: try await currency)
  }

  /// What each customer did in as many days before a moment and from it on.
  private nonisolated func campaignFigures(
    _ entries: [CampaignAssignment.Entry], from start: Timestamp, days: Int
  ) async throws -> [CampaignFigures] {
    let (frame, rows) = try await campaignLog()
    return await CampaignFigures.count(entries, frame: frame, rows: rows, from: start, days: days)
  }

  private func campaignLog() throws -> (EventFrame, CustomerRows) {
    try requireReady()
    return (frame, rows)
  }
}

extension Optional {
  /// As `map`, for what takes time.
  fileprivate func asyncMap<Output>(_ body: (Wrapped) async throws -> Output) async rethrows -> Output? {
    guard let self else { return nil }
    return try await body(self)
  }
}
