/** Notices that the API server is away and, without waiting for a retry that may be minutes off, that it is back. */
import type { ApiClient, ApiRequest, ApiResponse } from "./client";

/** In ms, while it is away. */
const betweenProbes = 2000;
/** Its load balancer answers for it: https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Status#server_error_responses */
const awayCodes = [502, 503, 504];
/** Answered as soon as it can serve, to anyone who has logged in. */
const probe: ApiRequest = { method: "GET", path: "/readyz" };

/** The client as it is, which calls `onReturn` once after each time that the API server did not answer. */
export function withRecovery(api: ApiClient, onReturn: () => void): ApiClient {
  let isAway = false;

  async function ask(request: ApiRequest): Promise<ApiResponse> {
    const answer = await api(request).catch((fault: unknown) => {
      noticeAway();
      throw fault;
    });
    if (awayCodes.includes(answer.code)) noticeAway();
    return answer;
  }

  function noticeAway(): void {
    if (isAway) return;
    isAway = true;
    probeLater();
  }

  function probeLater(): void {
    // A process that has nothing else to do may end.
    setTimeout(() => void lookWhetherBack(), betweenProbes).unref();
  }

  async function lookWhetherBack(): Promise<void> {
    const code = await api(probe).then(
      answer => answer.code,
      () => undefined,
    );
    if (code !== 200) {
      probeLater();
      return;
    }
    isAway = false;
    onReturn();
  }

  return ask;
}
