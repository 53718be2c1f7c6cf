import { singleProcess } from "../../src/ranks/index.js";
import { testProcessGroup } from "../contract/process-group.js";
import { inMemoryGroups } from "../support/in-memory-group.js";

testProcessGroup({ name: "single process", worldSizes: [1], open: () => [singleProcess] });
testProcessGroup({ name: "in memory", worldSizes: [1, 2, 4], open: inMemoryGroups });
