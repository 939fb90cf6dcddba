/** All that is told of a cluster, made of what was read of it. */
import { certificateFindings } from "./certificates";
import { classFindings } from "./classes";
import { definitionFindings } from "./definitions";
import type { Finding } from "./finding";
import { kubernetesFindings } from "./kubernetes";
import { isInstalled, moduleFindings } from "./module";
import { operatorFindings } from "./operators";
import { rightsFindings } from "./rights";
import { storageFindings } from "./storage";
import type { Surveyed } from "./surveyed";

/** In the order in which things are installed. */
export function findingsOf(surveyed: Surveyed): readonly Finding[] {
  return [
    ...kubernetesFindings(surveyed),
    ...operatorFindings(surveyed),
    ...storageFindings(surveyed),
    ...definitionFindings(surveyed),
    ...rightsFindings(surveyed, isInstalled(surveyed)),
    ...moduleFindings(surveyed),
    ...certificateFindings(surveyed),
    ...classFindings(surveyed),
  ];
}
