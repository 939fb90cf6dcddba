/** The words by which a claim of any kind is found again from what it names. */
import { writtenSecrets } from "./access";
import { externalCredentials, secretWord, type AnyClaim } from "./claim";
import { instanceRef, instanceWord, isDatabaseClaim } from "./database";

/** Everything by whose change the claim is concerned. */
export function watchedWords(claim: AnyClaim): readonly string[] {
  const secrets = writtenSecrets(claim).map(secretWord);
  if (isDatabaseClaim(claim)) return [instanceWord(instanceRef(claim)), ...secrets];
  const brought = externalCredentials(claim);
  return [...new Set([...secrets, ...(brought ? [secretWord(brought)] : [])])];
}
