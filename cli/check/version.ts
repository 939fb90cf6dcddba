/** Versions of Kubernetes and of operators, as version texts, tags of images and labels say them. */

export type Version = {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** Before the release of its number. What follows otherwise, as in `-ubi9` and `-eks-1`, says nothing of the order. */
  readonly isPrerelease: boolean;
};

const pattern = /^v?(\d+)\.(\d+)(?:\.(\d+))?(-(?:alpha|beta|rc))?/;

/** The version at the beginning of the text; undefined where there is none. */
export function versionIn(text: string): Version | undefined {
  const [, major, minor, patch = "0", prerelease] = pattern.exec(text) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  return {
    ...{ major: Number(major), minor: Number(minor), patch: Number(patch) },
    isPrerelease: prerelease !== undefined,
  };
}

/** Whether it came out before the release of this number. */
export function isBefore(
  { isPrerelease, ...version }: Version,
  [major, minor, patch]: readonly [major: number, minor: number, patch: number],
): boolean {
  if (version.major !== major) return version.major < major;
  if (version.minor !== minor) return version.minor < minor;
  return version.patch === patch ? isPrerelease : version.patch < patch;
}
