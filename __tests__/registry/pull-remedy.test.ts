import { describe, expect, test } from '@jest/globals'
import { pullRemedy } from '../../src/registry/pull-remedy.ts'

const event = { owner: 'Octo', repositoryUrl: 'https://code.example/Octo/addons' }

describe('the page on which a package is made public', () => {
  test.each<[string, string, string, string]>([
    [
      'of an organization',
      'ghcr.io/octo/amd64-x',
      'Organization',
      'https://code.example/orgs/octo/packages/container/amd64-x/settings',
    ],
    [
      'of a user',
      'ghcr.io/octo/amd64-x',
      'User',
      'https://code.example/users/octo/packages/container/amd64-x/settings',
    ],
    [
      'with a slash in its name',
      'ghcr.io/octo/x/amd64',
      'User',
      'https://code.example/users/octo/packages/container/x%2Famd64/settings',
    ],
    ['of another owner, whose kind is not known', 'ghcr.io/other/x', 'User', 'https://code.example/other?tab=packages'],
    ['of an owner whose kind the event does not say', 'ghcr.io/octo/x', '', 'https://code.example/octo?tab=packages'],
    ['on Docker Hub', 'you/x', '', 'https://hub.docker.com/repository/docker/you/x/settings'],
    ['on Quay', 'quay.io/you/x', '', 'https://quay.io/repository/you/x?tab=settings'],
    ['on GitLab', 'registry.gitlab.com/you/project/x', '', 'https://gitlab.com/you/project/edit'],
  ])('%s', (_, image, ownerType, page) => {
    expect(pullRemedy([image], { event, ownerType })).toMatch(/^Make /)
    expect(pullRemedy([image], { event, ownerType }).split(' ')).toContain(`${page}.`)
  })

  test.each([
    ['in a registry that is not known', 'registry.example/you/x'],
    ['without an owner', 'ghcr.io/x'],
  ])('is left out %s', (_, image) => {
    expect(pullRemedy([image], { event, ownerType: 'User' })).not.toContain('http')
  })

  test('is left out if the address of the repository is none', () => {
    const other = { ...event, repositoryUrl: 'javascript:alert(1)' }
    expect(pullRemedy(['ghcr.io/octo/x'], { event: other, ownerType: 'User' })).not.toContain('javascript')
  })
})

test('lists the page of each package, up to four', () => {
  const images = Array.from({ length: 6 }, (_, index) => `ghcr.io/octo/x${index}`)
  const remedy = pullRemedy([...images, ...images], { event, ownerType: 'User' })
  expect(remedy.match(/https:/g)).toHaveLength(4)
  expect(remedy).toContain(' and 2 more. If it is private on purpose, set "pull-check: off".')
})
