import Commerce

extension Shop {
  /// One page of the shop's jobs, newest first.
  public nonisolated func jobs(page: PageRequest) async throws -> Page {
    try Page.slice(await jobs.list(), name: "jobs", page) { $0.json }
  }
}
